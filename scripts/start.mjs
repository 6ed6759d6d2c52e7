// `npm start`: everything from a fresh clone to a running app. Plain Node, since nothing may be installed yet.
import { runAmend, script } from './set-up.mjs'

await script(() => runAmend(['start', ...process.argv.slice(2)]))
