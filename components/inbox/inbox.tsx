'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Consent } from '@/contract/v1/actor'
import type { InboxPage } from '@/contract/v1/items'
import { newId } from '@/sdk/new-id'
import { useSuggestionsSwitch } from '../shell/suggestions'
import { EmptyState } from '../ui/empty-state'
import { ConnectionLane } from './connection-lane'
import { type FeedbackOwner, FeedbackProvider, useFeedback } from './feedback-kit'
import styles from './inbox.module.css'
import { inboxLaneKeys } from './inbox-keys'
import { PasteMessage } from './paste-message'
import { hasAgreed } from './shown-consent'
import { ThreadList } from './thread-list'
import { ThreadPane } from './thread-pane'
import { offered, replyOf, type Thread } from './thread-work'
import { useActs } from './use-acts'
import { useConsent } from './use-consent'
import { useDesk } from './use-desk'
import { inboxKey, useInbox } from './use-inbox'
import { useInboxKeys } from './use-inbox-keys'
import { useThreadAddress } from './use-thread-address'
import { useWide } from './use-wide'

interface Props {
  page: InboxPage
  consent: Consent
}

export function Inbox({ owner, ...props }: Props & { owner: FeedbackOwner }) {
  return (
    <FeedbackProvider owner={owner}>
      <InboxParts {...props} />
    </FeedbackProvider>
  )
}

function InboxParts({ page, consent: initialConsent }: Props) {
  const { path } = useFeedback()
  const desk = useDesk()
  const queries = useQueryClient()
  const inbox = useInbox(page)
  const { consent } = useConsent(initialConsent)
  const suggestions = useSuggestionsSwitch()
  const address = useThreadAddress()
  const wide = useWide()
  const [pasted, setPasted] = useState<Thread[]>([])
  /** Threads that the server has named since: the address may still tell the name they had here. */
  const [moved, setMoved] = useState<Record<string, string>>({})
  const [pasting, setPasting] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)

  const threads = useMemo(() => {
    const known = new Set(inbox.threads.map(thread => thread.key))
    return [...pasted.filter(thread => !known.has(thread.key)), ...inbox.threads]
  }, [pasted, inbox.threads])
  // Side by side, the first thread is open from the start; on a narrow page the list is.
  const addressKey = address.key === null ? null : (moved[address.key] ?? address.key)
  const currentKey = addressKey ?? (wide === false ? null : (threads[0]?.key ?? null))
  const current = threads.find(thread => thread.key === currentKey) ?? null
  const work = current ? desk.read(current.key) : null
  const reply = current && work ? replyOf(current, work, inbox.clockAheadMs) : null
  const consented = hasAgreed(consent)

  const open = (key: string | null, how: 'push' | 'replace' = wide ? 'replace' : 'push') => {
    setPasting(false)
    if (key !== address.read()) address.go(key, how)
  }
  const refresh = () => void queries.invalidateQueries({ queryKey: inboxKey(path) })
  const acting = useActs({
    threads,
    open,
    onMoved: (from, to) => {
      setPasted(list =>
        list.map(thread => (thread.key === from ? { ...thread, key: to, itemId: to } : thread)),
      )
      setMoved(known => ({ ...known, [from]: to }))
      if (address.read() === from) address.go(to, 'replace')
    },
    onStored: refresh,
  })

  const keys = threads.map(thread => thread.key).join()
  useEffect(() => desk.load(keys.split(',')), [desk, keys])
  useEffect(() => desk.settle(threads), [desk, threads])

  const visible = wide === true || address.key !== null
  const asks =
    visible &&
    !pasting &&
    consented &&
    suggestions.on &&
    current !== null &&
    reply === null &&
    work?.asked === 'no'
  useEffect(() => {
    if (asks && current) void desk.ask(current)
  }, [asks, current, desk])

  // Where the pressed control is gone, focus goes to the thread's title, not to the top of the page.
  const replied = reply !== null
  const choosable = suggestions.on && work?.ready === true && offered(work).length > 0
  const before = useRef({ currentKey, replied })
  useEffect(() => {
    const same = before.current.currentKey === currentKey
    const turned = same && before.current.replied !== replied
    before.current = { currentKey, replied }
    if (turned && document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [currentKey, replied])

  const focusHeading = () => requestAnimationFrame(() => heading.current?.focus({ preventScroll: true }))
  const focusEnd = () =>
    requestAnimationFrame(() => {
      const end = field.current?.value.length ?? 0
      field.current?.focus()
      field.current?.setSelectionRange(end, end)
    })
  const move = (step: 1 | -1) => {
    const at = threads.findIndex(thread => thread.key === currentKey)
    const next = threads[at === -1 ? 0 : at + step]
    if (!next) return
    open(next.key, 'replace')
    window.scrollTo({ top: 0 })
    focusHeading()
  }
  const edit = (candidateId: string) => {
    if (!current) return
    acting.acts.choose(current.key, candidateId)
    focusEnd()
  }
  const send = async () => {
    if (current && consented) await acting.acts.send(current)
  }
  useInboxKeys({
    thread: pasting ? null : current,
    choosable,
    work,
    reply,
    acts: acting.acts,
    onMove: move,
    onEdit: edit,
    onSend: () => void send(),
    onWrite: () => {
      if (!current) return
      desk.writeOwn(current.key)
      focusEnd()
    },
  })

  const paste = (text: string, author: string) => {
    const payload: Thread['payload'] = {
      subject: '',
      messages: [{ author: author || 'Someone', fromMe: false, sentAt: null, text }],
    }
    const thread: Thread = {
      key: `new:${newId()}`,
      itemId: null,
      payload,
      sample: false,
      createdAt: new Date().toISOString(),
      serverReply: null,
    }
    setPasted(list => [thread, ...list])
    open(thread.key)
  }

  return (
    <div className={styles.inbox} data-reading={address.key !== null || pasting || undefined}>
      <div className={styles.list}>
        <ThreadList
          threads={threads}
          currentKey={pasting ? null : currentKey}
          pasting={pasting}
          hrefOf={address.hrefOf}
          serverTime={inbox.serverTime}
          clockAheadMs={inbox.clockAheadMs}
          onOpen={key => open(key)}
          onPaste={() => setPasting(!pasting)}
          more={inbox.more ? { load: inbox.more, busy: inbox.loadingMore, failed: inbox.failedMore } : null}
        />
      </div>
      <div className={styles.reading}>
        <div className={styles.content}>
          {pasting ? (
            <div className={styles.form}>
              <PasteMessage
                blocked={consented ? null : 'Open a thread and press Continue first.'}
                onPaste={paste}
                onCancel={() => setPasting(false)}
              />
            </div>
          ) : current && work ? (
            <ThreadPane
              thread={current}
              work={work}
              reply={reply}
              serverTime={inbox.serverTime}
              initialConsent={initialConsent}
              consented={consented}
              suggestionsOn={suggestions.on}
              acting={acting}
              heading={heading}
              field={field}
              listHref={address.hrefOf(null)}
              onBack={() => open(null, 'push')}
              onEdit={edit}
              onSend={() => void send()}
              onDue={refresh}
            />
          ) : (
            <div className={styles.form}>
              <EmptyState title={threads.length === 0 ? 'No messages yet.' : 'This thread isn’t here.'}>
                {threads.length === 0
                  ? 'Paste one you received, or wait until one arrives.'
                  : 'It is further down the list, was erased, or never was yours. Pick another one.'}
              </EmptyState>
            </div>
          )}
        </div>
        <ConnectionLane keys={inboxLaneKeys({ pasting, replied, choosable })} />
      </div>
    </div>
  )
}
