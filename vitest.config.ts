import path from 'node:path'
import { defineConfig } from 'vitest/config'

const root = import.meta.dirname
const alias = [
  { find: /^server-only$/, replacement: path.join(root, 'test/empty.ts') },
  { find: /^client-only$/, replacement: path.join(root, 'test/empty.ts') },
  { find: /^@\//, replacement: `${root}/` },
]
const exclude = ['node_modules/**', '.next/**', 'dist/**', 'e2e/**']

export default defineConfig({
  resolve: { alias },
  test: {
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...exclude, '**/*.db.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude,
          globalSetup: ['test/db-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
