// Copies a bundle (`npm run bundle`) to another machine through ssh. Nothing but sh and tar is needed there.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Fault } from '../contract/fault'
import { zstdBytes } from '../weights/zstd'
import { startSsh } from './remote-engine'
import { bundleName, bundlesThere, inShell, type Machine, refusal } from './ssh'

/** Exit code of the script where a bundle cannot run. */
const otherKind = 65

/** Unpacks beside its place and renames, so that a copy that is cut leaves nothing that could be started. */
const unpackScript = (name: string): string =>
  inShell(
    `m=$(uname -sm); if [ "$m" != "Linux x86_64" ]; then echo "$m" >&2; exit ${otherKind}; fi; ` +
      `b="${bundlesThere}"; mkdir -p "$b" && t=$(mktemp -d "$b/.part-XXXXXX") && ` +
      `if tar -xf - -C "$t" && [ -x "$t/${name}/spw" ]; then ` +
      `rm -rf "$b/${name}" && mv "$t/${name}" "$b/${name}" && rmdir "$t" && echo "$b/${name}/spw"; ` +
      'else rm -rf "$t"; exit 1; fi',
  )

/**
 * @param file spw-<version>-linux-x64.tar.zst
 * @param progress gets the share of the file that has been sent
 * @returns the path of spw there
 */
export async function copyBundle(
  machine: Machine,
  file: string,
  version: string,
  progress: (fraction: number) => void,
): Promise<string> {
  const size = await stat(file).then(
    found => found.size,
    () => undefined,
  )
  if (size === undefined)
    throw new Fault('not-found', `there is no bundle ${file}`, 'Make it: npm run bundle.')
  const { child, ended } = startSsh(machine, unpackScript(bundleName(version)))
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  let read = 0
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      read += chunk.length
      progress(read / size)
      done(null, chunk)
    },
  })
  const packed = createReadStream(file).pipe(counted)
  // the pipe of an ssh that has ended breaks; its own words say more
  const sent = pipeline(Readable.from(zstdBytes(packed)), child.stdin).catch(error => error)
  const end = await ended
  packed.destroy()
  if (end.code === otherKind)
    throw new Fault(
      'usage',
      `${machine.host} is ${end.said.trim()}; the bundle is for Linux x86_64`,
      'Install Node there, and the workbench with npm.',
    )
  if (end.code !== 0) throw refusal(machine, end.code, end.said)
  const failed = await sent
  if (failed instanceof Error) throw failed
  return said.trim().split('\n').at(-1) ?? ''
}
