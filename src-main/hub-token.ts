// Where the token of the Hugging Face hub may go: over https, to the host that it was saved for. Pure: no Electron.
import { z } from 'zod'

const savedSchema = z.object({ token: z.string(), origin: z.string() })
export type SavedToken = z.infer<typeof savedSchema>

const theHub = 'https://huggingface.co'
const isLoopback = (host: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(host)

/** The origin that an address of a hub stands for; undefined: no token goes there. Plain http only within this machine. */
export function tokenOrigin(address: string, env: string | undefined): string | undefined {
  try {
    const { protocol, hostname, origin } = new URL(address || env || theHub)
    if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return origin
    return undefined
  } catch {
    return undefined
  }
}

/** Older versions saved the token alone: for the hub itself. */
export function readSaved(text: string): SavedToken {
  try {
    return savedSchema.parse(JSON.parse(text))
  } catch {
    return { token: text, origin: theHub }
  }
}

/** The token and the one origin that it may be sent to, as the engine gets them; without an origin that fits: none. */
export function tokenFor(
  saved: SavedToken,
  origin: string | undefined,
): { readonly token: string; readonly tokenOrigin: string } {
  const fits = saved.token !== '' && origin !== undefined && saved.origin === origin
  return fits ? { token: saved.token, tokenOrigin: origin } : { token: '', tokenOrigin: '' }
}
