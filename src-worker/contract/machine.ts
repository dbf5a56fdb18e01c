// Other machines, on which an engine is reached through ssh.
import { z } from 'zod'

/**
 * A name as `ssh` takes it: [user@]host or an alias of its configuration. It goes to ssh, and from there into commands that
 * a configuration names (ProxyCommand), so it holds nothing that a shell reads, and is no option.
 */
export const hostNameSchema = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.@:%-]*$/,
    'a host is letters, digits and ._@:%-, and begins with a letter or digit',
  )

/** Path of `spw` on another machine; the login shell there reads it. Empty: where it is looked for. */
export const programPathSchema = z
  .string()
  .max(1000)
  .regex(/^([A-Za-z0-9_~/.][A-Za-z0-9_~/.+-]*)?$/, 'a path is letters, digits and ._~/+-')

export const machineSchema = z.strictObject({
  host: hostNameSchema,
  program: programPathSchema.default(''),
})

export const machinesSchema = z.object({
  /** the one that the window works on; empty: this computer */
  current: z.string(),
  added: z.array(machineSchema),
  /** further hosts of the user's ssh configuration */
  offered: z.array(z.string()),
})
export type Machines = z.infer<typeof machinesSchema>

/** A folder of the engine's machine, for choosing files there. */
export const folderSchema = z.object({
  path: z.string(),
  /** null: it is the topmost */
  parent: z.string().nullable(),
  folders: z.array(z.string()),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
  /** entries that are not listed: there are too many, or they cannot be read */
  left: z.int(),
})
export type Folder = z.infer<typeof folderSchema>
