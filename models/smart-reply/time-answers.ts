/** Run by `measureWorker`: how long the worker takes for messages that it has not seen. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { printWorkerCost } from '../measure-worker'
import { knownMessages, parseKnowledge } from './pairs'

const source = readFileSync(join(process.cwd(), 'models', 'smart-reply', 'pairs.txt'), 'utf8')
const messages = knownMessages(parseKnowledge(source)).slice(0, 300)
await printWorkerCost(
  'smart-reply',
  { text: 'Are you there?' },
  messages.map(({ message }) => ({ text: `${message} And one more thing about it.` })),
)
