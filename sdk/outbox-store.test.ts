import 'fake-indexeddb/auto'
import { expect, it } from 'vitest'
import { openOutboxStore } from './outbox-store'

const opened = (exposureId: string) => ({
  kind: 'exposure' as const,
  body: { exposureId, sessionId: exposureId, itemId: exposureId, reason: 'unreachable' as const },
})

it('a read that meets the closing of its connection still finds what waits', async () => {
  const store = openOutboxStore('closing')
  await store.append([opened('01900000-0000-7000-8000-000000000001')])
  const reading = store.head(10)
  store.close()
  expect(await reading).toHaveLength(1)
  store.close()
})
