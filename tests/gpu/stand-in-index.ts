// A package index on the loopback, with small wheels like those that CUDA comes in, and bad manners on request.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { zipSync } from 'fflate'
import { atEndOfTest } from '../clean-up'
import { fakeLibrary } from './fake-library'

export interface Manners {
  readonly page?: 'json' | 'html' | 'junk'
  /** end each answer with a file after so many bytes, as often as this */
  drops?: { readonly after: number; times: number }
  readonly wrongChecksumOf?: string
  readonly noChecksums?: boolean
  /** user:password */
  readonly login?: string
  /** file names that are not there */
  readonly without?: (filename: string) => boolean
  /** other bytes for a file, with their own checksum */
  readonly instead?: (filename: string) => Uint8Array | undefined
}

export interface StandIn {
  readonly url: string
  /** what was asked for, with the range */
  readonly asked: string[]
  manners: Manners
}

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
const library = (...names: Parameters<typeof fakeLibrary>): Uint8Array =>
  new Uint8Array(fakeLibrary(...names))

/** Hard to compress, so that a dropped connection falls in the middle of it. */
const noise = (bytes: number): Uint8Array => {
  let state = 1
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}

function wheel(name: string, version: string, entries: Record<string, Uint8Array>, requires = '') {
  const info = `${name}-${version}.dist-info`
  const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${requires}\n\nText\n`
  return zipSync({
    ...entries,
    [`${info}/METADATA`]: text(metadata),
    [`${info}/licenses/License.txt`]: text('may be used'),
  })
}

const lib = 'nvidia/cu13/lib'
const provider = {
  'onnxruntime/capi/libonnxruntime_providers_shared.so': library({}),
  'onnxruntime/capi/libonnxruntime_providers_cuda.so': library({
    needed: ['libcublasLt.so.13', 'libcublas.so.13', 'libcurand.so.10', 'libcudart.so.13'].concat(
      'libcuda.so.1',
      'libc.so.6',
    ),
  }),
  'onnxruntime/capi/libonnxruntime_providers_tensorrt.so': library({}),
}
const providerRequires = [
  'Requires-Dist: numpy>=1.21',
  'Requires-Dist: nvidia-cuda-runtime~=13.0; extra == "cuda"',
  'Requires-Dist: nvidia-cuda-nvrtc~=13.0; extra == "cuda"',
].join('\n')
const cublas = {
  [`${lib}/libcublas.so.13`]: library({ soname: 'libcublas.so.13', needed: ['libcublasLt.so.13'] }),
  [`${lib}/libcublasLt.so.13`]: library({ soname: 'libcublasLt.so.13' }),
  [`${lib}/libnvblas.so.13`]: library({ soname: 'libnvblas.so.13' }),
  'nvidia/cu13/include/cublas.h': noise(300_000),
}
const cudart = { [`${lib}/libcudart.so.13`]: library({ soname: 'libcudart.so.13' }) }
const curand = {
  [`${lib}/libcurand.so.10`]: library({ soname: 'libcurand.so.10', needed: ['libcudart.so.13'] }),
}
const nvrtc = {
  [`${lib}/libnvrtc.so.13`]: library({ soname: 'libnvrtc.so.13' }),
  [`${lib}/libnvrtc-builtins.so.13.5`]: library({ soname: 'libnvrtc-builtins.so.13.5' }),
}

/** A wheel of curand whose library was cut off before it was packed. */
export const damagedCurand = wheel('nvidia_curand', '10.4.5', {
  [`${lib}/libcurand.so.10`]: library({ soname: 'libcurand.so.10' }).slice(0, -40),
})

const linux = 'manylinux_2_28_x86_64'
/** file name → its bytes; among the right ones stand older, early and foreign ones */
export const wheels: Readonly<Record<string, Uint8Array>> = {
  [`onnxruntime_gpu-1.29.0-cp312-cp312-${linux}.whl`]: text('old'),
  [`onnxruntime_gpu-1.30.0-cp312-cp312-${linux}.whl`]: wheel(
    'onnxruntime_gpu',
    '1.30.0',
    provider,
    providerRequires,
  ),
  'onnxruntime_gpu-1.30.0-cp312-cp312-win_amd64.whl': text('windows'),
  'nvidia_cublas-13.9.0-py3-none-manylinux_2_27_x86_64.whl': text('old'),
  'nvidia_cublas-13.10.0.20-py3-none-manylinux1_x86_64.whl': wheel(
    'nvidia_cublas',
    '13.10.0.20',
    cublas,
    'Requires-Dist: nvidia-cuda-nvrtc',
  ),
  'nvidia_cublas-13.11.0-py3-none-manylinux_2_99_x86_64.whl': text('for a newer glibc'),
  'nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.whl': wheel(
    'nvidia_cuda_runtime',
    '13.5.37',
    cudart,
  ),
  'nvidia_cuda_runtime-13.6.0rc1-py3-none-manylinux2014_x86_64.whl': text('early'),
  'nvidia_cuda_runtime-14.0-py3-none-manylinux2014_x86_64.whl': text('of the next CUDA'),
  'nvidia_curand-10.4.5-py3-none-manylinux_2_27_x86_64.whl': wheel(
    'nvidia_curand',
    '10.4.5',
    curand,
  ),
  'nvidia_cuda_nvrtc-13.5.37-py3-none-manylinux2014_x86_64.whl': wheel(
    'nvidia_cuda_nvrtc',
    '13.5.37',
    nvrtc,
  ),
}

const nameOf = (filename: string): string => filename.split('-')[0]!.replaceAll('_', '-')

const bytesOf = (filename: string, { instead }: Manners): Uint8Array | undefined =>
  instead?.(filename) ?? wheels[filename]

function sumOf(filename: string, manners: Manners): string {
  const { wrongChecksumOf, noChecksums } = manners
  if (noChecksums === true) return ''
  if (wrongChecksumOf !== undefined && filename.startsWith(wrongChecksumOf)) return '0'.repeat(64)
  return createHash('sha256').update(bytesOf(filename, manners)!).digest('hex')
}

function sendPage(name: string, manners: Manners, response: ServerResponse): void {
  const names = Object.keys(wheels).filter(f => nameOf(f) === name && !manners.without?.(f))
  if (names.length === 0) return void response.writeHead(404).end()
  if (manners.page === 'html') {
    const lines = names.map(f => {
      const sum = sumOf(f, manners)
      return `<a href="../../files/${f}${sum && `#sha256=${sum}`}" data-requires-python="&gt;=3.9">${f}</a><br>`
    })
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    return void response.end(`<!DOCTYPE html><html><body>${lines.join('\n')}</body></html>`)
  }
  if (manners.page === 'junk') {
    response.writeHead(200, { 'content-type': 'application/json' })
    return void response.end('{"message":"welcome"}')
  }
  const files = names.map(filename => {
    const sha256 = sumOf(filename, manners)
    const hashes = sha256 === '' ? {} : { sha256 }
    return { filename, url: `/files/${filename}`, hashes, size: bytesOf(filename, manners)!.length }
  })
  response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' })
  response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, name, files }))
}

function sendFile(bytes: Uint8Array, manners: Manners, range: string, response: ServerResponse) {
  const from = Number(/bytes=(\d+)-/.exec(range)?.[1] ?? 0)
  if (from >= bytes.length) return void response.writeHead(416).end()
  const part = bytes.subarray(from)
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': part.length,
    ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  })
  const { drops } = manners
  if (drops === undefined || drops.times === 0 || part.length <= drops.after)
    return void response.end(part)
  drops.times--
  // a moment for what was sent to arrive
  response.write(part.subarray(0, drops.after), () => setTimeout(() => response.destroy(), 100))
}

function answer(standIn: StandIn, request: IncomingMessage, response: ServerResponse): void {
  const { manners, asked } = standIn
  const { url = '', headers } = request
  asked.push(`${url} ${headers.range ?? ''}`.trim())
  const login = manners.login && `Basic ${Buffer.from(manners.login).toString('base64')}`
  if (login && headers.authorization !== login) return void response.writeHead(401).end()
  const page = /^\/simple\/([\w-]+)\/$/.exec(url)?.[1]
  if (page !== undefined) {
    sendPage(page, manners, response)
    return
  }
  const bytes = bytesOf(decodeURIComponent(url.replace('/files/', '')), manners)
  if (bytes === undefined) return void response.writeHead(404).end()
  sendFile(bytes, manners, headers.range ?? '', response)
}

export async function openIndex(manners: Manners = {}): Promise<StandIn> {
  const server = createServer((request, response) => answer(standIn, request, response))
  server.keepAliveTimeout = 60_000
  atEndOfTest(() => server.close().closeAllConnections())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const standIn: StandIn = { url: `http://127.0.0.1:${port}/simple`, asked: [], manners }
  return standIn
}
