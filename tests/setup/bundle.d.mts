import type { Plugin } from 'vite'

/** @returns the path of a CommonJS bundle of a TypeScript entry */
export function bundle(entry: string): Promise<string>
export function threadEntriesForTests(): Plugin
