// Run anew before each test file, also where files share what a worker has loaded.
import { afterAll, afterEach } from 'vitest'
import { endFile, endTest } from '../clean-up'
import './same-bytes'

afterEach(endTest)
afterAll(endFile)
