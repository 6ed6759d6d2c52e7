/** Run by `measureWorker`: how long the worker takes for the photos that ship, four times each. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { printWorkerCost } from '../measure-worker'

const folder = join(process.cwd(), 'db', 'seed', 'photos')
const photos = readdirSync(folder)
  .filter(name => name.endsWith('.jpg'))
  .map(name => ({ picture: readFileSync(join(folder, name)) }))
await printWorkerCost('image-caption', photos[0] as (typeof photos)[number], [
  ...photos,
  ...photos,
  ...photos,
  ...photos,
])
