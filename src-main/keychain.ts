// The Hugging Face token: encrypted by the system's keychain where there is one. Without one (a bare Linux session) it
// is held in memory only and asked for again at the next start: a file that anyone can read would be worse.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { safeStorage } from 'electron'
import { readSaved, type SavedToken, tokenOrigin } from './hub-token'

export interface Keychain {
  token(): SavedToken
  /** @param origin the only one that it may be sent to */
  save(token: string, origin: string): void
  /** what is saved survives a restart */
  readonly lasting: () => boolean
}

/** "basic_text" is Chromium's name for encryption with a fixed password: no protection. */
function encrypts(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false
  // getSelectedStorageBackend: Linux, Electron ≥ 25
  return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend?.() !== 'basic_text'
}

export function openKeychain(folder: string): Keychain {
  const file = join(folder, 'hub-token')
  const { HF_TOKEN = '', HF_ENDPOINT } = process.env
  // set together: the one is meant for the other
  let inMemory: SavedToken = { token: HF_TOKEN, origin: tokenOrigin('', HF_ENDPOINT) ?? '' }

  function token(): SavedToken {
    if (!encrypts()) return inMemory
    try {
      return readSaved(safeStorage.decryptString(readFileSync(file)))
    } catch {
      return inMemory // nothing saved, or saved under another login
    }
  }
  function save(next: string, origin: string): void {
    inMemory = { token: next, origin }
    if (next === '') rmSync(file, { force: true })
    else if (encrypts()) {
      const sealed = safeStorage.encryptString(JSON.stringify(inMemory))
      writeFileSync(file, sealed, { mode: 0o600 })
    }
  }
  return { token, save, lasting: encrypts }
}
