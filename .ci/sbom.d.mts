export function mayBeShipped(licence: string | undefined): boolean
export function lockfileFaults(manifest: object, lockfile: { packages: object }): readonly string[]
