// The Hugging Face token: encrypted by the system's keychain where there is one. Without one (a bare Linux session) it
// is held in memory only and asked for again at the next start: a file that anyone can read would be worse.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { safeStorage } from 'electron'

export interface Keychain {
  token(): string
  save(token: string): void
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
  let inMemory = process.env.HF_TOKEN ?? ''

  function token(): string {
    if (!encrypts()) return inMemory
    try {
      return safeStorage.decryptString(readFileSync(file))
    } catch {
      return inMemory // nothing saved, or saved under another login
    }
  }
  function save(next: string): void {
    inMemory = next
    if (next === '') rmSync(file, { force: true })
    else if (encrypts()) writeFileSync(file, safeStorage.encryptString(next), { mode: 0o600 })
  }
  return { token, save, lasting: encrypts }
}
