// library.json: what the user pointed at beside what is found in the folders.
import { z } from 'zod'
import { homePaths } from '../train/home'
import { type JsonFile, jsonFile } from './json-file'

export const libraryFileSchema = z.object({
  /** model folders outside the models folder */
  models: z.array(z.string()).default([]),
  datasets: z
    .array(
      z.object({
        path: z.string(),
        field: z.string(),
        kind: z.string(),
      }),
    )
    .default([]),
  /** downloads that are not finished, so that they survive a restart */
  downloads: z.array(z.object({ id: z.string(), revision: z.string() })).default([]),
})
export type LibraryFile = z.infer<typeof libraryFileSchema>

export const libraryFile = (home: string): JsonFile<LibraryFile> =>
  jsonFile(homePaths(home).library, libraryFileSchema)
