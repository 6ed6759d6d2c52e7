import path from 'node:path'
import { startTestServer } from '@/db/test-db'

/** One Postgres for the whole run; each test file clones a database of its own from its template. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer(path.resolve(import.meta.dirname, '..'))
  return () => server.stop()
}
