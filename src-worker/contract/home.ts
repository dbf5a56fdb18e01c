// Where everything that the workbench keeps lies: SPW_HOME, else the platform's data folder. Both the engine and the
// desktop shell ask here, so that they always agree.

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  /** the user's home folder */
  readonly userHome: string
}

export function homeFolder({ env, platform, userHome }: Surroundings): string {
  if (env.SPW_HOME) return env.SPW_HOME
  const name = 'soft-prompt-workbench'
  if (platform === 'darwin') return `${userHome}/Library/Application Support/${name}`
  if (platform === 'win32') return `${env.LOCALAPPDATA ?? `${userHome}/AppData/Local`}/${name}`
  return `${env.XDG_DATA_HOME || `${userHome}/.local/share`}/${name}`
}
