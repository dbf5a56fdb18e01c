// Must be the first import of main.ts: the content security policy forbids code made from strings,
// which zod would otherwise use for its parsers.
import { z } from 'zod'

z.config({ jitless: true })
