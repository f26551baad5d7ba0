# SPDX-License-Identifier: GPL-2.0
# The guest that kunit.py boots.  kunit.py adds the console and the kernel;
# scripts/kunit adds the initramfs and the character device "status", which is
# the second serial port here, through --qemu_args.
#
# No KVM: a /dev/kvm that opens does not mean that a guest runs on it, and
# single-threaded TCG has no known race while the kernel patches itself.
#
# memmap=: 32 MiB from 1 GiB + 64 MiB on are kept aside, for memory pools, with
# RAM on both sides. No shell sees the $.
from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(linux_arch='x86_64',
                           kconfig='''
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y''',
                           qemu_arch='x86_64',
                           kernel_path='arch/x86/boot/bzImage',
                           kernel_command_line='console=ttyS0 panic=-1 '
                                               'memmap=32M$0x44000000',
                           extra_qemu_params=['-accel', 'tcg,thread=single',
                                              '-m', '2048', '-smp', '2',
                                              '-serial', 'chardev:status'])
