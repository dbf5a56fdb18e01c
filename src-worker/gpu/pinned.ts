// The wheels that this version of the program was made with, by file name. Their sha256 stands here and not only in the index that
// serves them, so an index that was tampered with cannot bring other code. Other versions go by the index alone.
import { Fault } from '../contract/fault'

/** File name of a wheel → its sha256, lower-case hexadecimal. */
export type PinnedWheels = Readonly<Record<string, string>>

export const pinnedWheels: PinnedWheels = {
  'nvidia_cublas-13.10.0.20-py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.whl':
    'dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84',
  'nvidia_cuda_nvrtc-13.5.37-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl':
    '86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc',
  'nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl':
    'df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d',
  'nvidia_cufft-12.5.0.14-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl':
    'b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad',
  'nvidia_curand-10.4.5.25-py3-none-manylinux_2_27_x86_64.whl':
    '22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529',
  'nvidia_nvjitlink-13.5.37-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl':
    '280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb',
  'onnxruntime_gpu-1.30.0-cp311-cp311-manylinux_2_28_x86_64.whl':
    '4fbf0c5d7b5fb99266c2e8a802e3e64af68bdc383e0f3c7349b985f1087eedaa',
}

/** @throws Fault 'bad-file' when the index lists a wheel of a known name with other content */
export function checkPinned(filename: string, sha256: string, pins: PinnedWheels): void {
  const known = pins[filename]
  if (known === undefined || known === sha256) return
  throw new Fault(
    'bad-file',
    `${filename} has sha256 ${sha256.slice(0, 12)}… on this index, but ${known.slice(0, 12)}… is known`,
    'Name an index that can be trusted: spw gpu install --index https://pypi.org/simple.',
  )
}
