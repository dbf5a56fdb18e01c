type Fuses = Readonly<Record<string, boolean>>
export function wantedFuses(): Fuses
export function fusesOf(executable: string): Promise<Fuses>
export function setFuses(executable: string): Promise<void>
export function wrongFuses(executable: string): Promise<readonly string[]>
