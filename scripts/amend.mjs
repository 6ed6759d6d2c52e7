// `npm run amend -- COMMAND`: makes sure that the dependencies and the bundle are there, then runs the command line.
import { runAmend, script } from './set-up.mjs'

await script(() => runAmend(process.argv.slice(2)))
