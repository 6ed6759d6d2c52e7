import { defineConfig } from 'drizzle-kit'

/** For `npx drizzle-kit generate`, which writes the next file of db/migrations. Migrating itself is `npm run amend -- migrate`. */
export default defineConfig({ dialect: 'postgresql', schema: './db/schema/*.ts', out: './db/migrations' })
