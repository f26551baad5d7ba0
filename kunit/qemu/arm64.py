# SPDX-License-Identifier: GPL-2.0
# The arm64 guest that kunit.py boots, as x86_64.py describes the other one.
from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(linux_arch='arm64',
                           kconfig='''
CONFIG_SERIAL_AMBA_PL011=y
CONFIG_SERIAL_AMBA_PL011_CONSOLE=y''',
                           qemu_arch='aarch64',
                           kernel_path='arch/arm64/boot/Image',
                           kernel_command_line='console=ttyAMA0 panic=-1 '
                                               'status=ttyS0',
                           extra_qemu_params=['-machine', 'virt',
                                              '-cpu', 'cortex-a72',
                                              '-accel', 'tcg,thread=single',
                                              '-m', '2048', '-smp', '2',
                                              '-device',
                                              'pci-serial,chardev=status'])
