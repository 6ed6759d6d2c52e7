'use client'
import { type DragEvent, useEffect, useEffectEvent, useRef, useState } from 'react'
import type { BringItemAnswer } from '@/contract/v1/album'
import type { Problem } from '@/contract/v1/common'
import type { MediaAnswer } from '@/contract/v1/media'
import { ApiError } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import type { ImageCaptionPayload } from '@/tasks/image-caption/task'
import { useFeedback } from '../inbox/feedback-kit'
import { createQueue } from './queue'

export interface Upload {
  id: string
  name: string
  state: 'waiting' | 'sending' | 'reading' | 'failed'
  /** 0 to 1 of its bytes. */
  share: number
  /** What went wrong, in plain words. */
  problem: string | null
  /** Trying the same file again can help. */
  again: boolean
}

const mostBytes = 20 * 1024 * 1024
const sentAtOnce = 2

/** Photos on their way in: chosen, dropped or pasted, each with its progress and its own words when it fails. */
export function useUploads({ blocked, onStored }: { blocked: boolean; onStored: () => Promise<unknown> }) {
  const { path, client } = useFeedback()
  const [list, setList] = useState<Upload[]>([])
  const [dropping, setDropping] = useState(false)
  const [queue] = useState(() => createQueue(sentAtOnce))
  const files = useRef(new Map<string, File>())
  const change = (id: string, to: Partial<Upload>) =>
    setList(now => now.map(upload => (upload.id === id ? { ...upload, ...to } : upload)))
  const remove = (id: string) => {
    files.current.delete(id)
    setList(now => now.filter(upload => upload.id !== id))
  }
  const fail = (id: string, problem: string, again: boolean) =>
    change(id, { state: 'failed', problem, again })

  async function bring(id: string): Promise<void> {
    const file = files.current.get(id)
    if (!file) return
    change(id, { state: 'sending', share: 0, problem: null })
    try {
      const media = await sendFile(`/api/v1${path}/media`, file, share =>
        change(id, share < 1 ? { share } : { share, state: 'reading' }),
      )
      const payload: ImageCaptionPayload = {
        mediaId: media.id,
        width: media.width,
        height: media.height,
        ...(file.name ? { fileName: file.name.slice(0, 255) } : {}),
      }
      await client.request<BringItemAnswer>('POST', `${path}/my-items`, {
        item: { payload, externalId: `upload:${media.id}` },
      })
      await onStored()
      remove(id)
    } catch (error) {
      if (error instanceof ApiError && error.status !== 0) fail(id, error.detail, error.passing)
      else fail(id, 'The server can’t be reached. The photo is kept here while this page is open.', true)
    }
  }

  function add(chosen: readonly File[]): void {
    if (blocked) return
    const uploads = chosen.map(file => {
      const id = newId()
      const refusal = whyNot(file)
      files.current.set(id, file)
      return {
        id,
        name: file.name || 'Pasted photo',
        share: 0,
        state: refusal ? ('failed' as const) : ('waiting' as const),
        problem: refusal,
        again: false,
      }
    })
    setList(now => [...now, ...uploads])
    for (const upload of uploads) if (upload.state === 'waiting') queue.add(() => bring(upload.id))
  }

  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    const pasted = [...(event.clipboardData?.files ?? [])]
    if (pasted.length === 0) return
    event.preventDefault()
    add(pasted)
  })
  useEffect(() => {
    const listen = (event: ClipboardEvent) => onPaste(event)
    document.addEventListener('paste', listen)
    return () => document.removeEventListener('paste', listen)
  }, [])
  // Leaving now would lose what is on its way.
  const busy = list.some(upload => upload.state !== 'failed')
  useEffect(() => {
    if (!busy) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [busy])

  const holdsFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files')
  return {
    add,
    dropping,
    dropTarget: {
      onDragEnter: (event: DragEvent) => holdsFiles(event) && setDropping(true),
      onDragOver: (event: DragEvent) => {
        if (holdsFiles(event)) event.preventDefault()
      },
      onDragLeave: (event: DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDropping(false)
      },
      onDrop: (event: DragEvent) => {
        if (!holdsFiles(event)) return
        event.preventDefault()
        setDropping(false)
        add([...event.dataTransfer.files])
      },
    },
    list,
    retry: (id: string) => {
      change(id, { state: 'waiting', problem: null })
      queue.add(() => bring(id))
    },
    remove,
  }
}
export type Uploading = ReturnType<typeof useUploads>

/** What can be known before a byte is sent; the server looks at the bytes themselves. */
function whyNot(file: File): string | null {
  if (file.type && !file.type.startsWith('image/'))
    return 'This is not a picture. Send a JPEG, PNG, WebP, GIF or AVIF.'
  if (file.size > mostBytes) return 'This is larger than 20 MB. Make it smaller and add it again.'
  if (file.size === 0) return 'This file is empty.'
  return null
}

/** By XMLHttpRequest, since fetch does not tell how much of a body has gone. */
function sendFile(address: string, file: File, onShare: (share: number) => void): Promise<MediaAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', address)
    request.responseType = 'json'
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.onprogress = event => event.lengthComputable && onShare(event.loaded / event.total)
    request.onload = () => {
      if (request.status === 201) return resolve(request.response as MediaAnswer)
      const problem = (request.response ?? {}) as Partial<Problem>
      reject(
        new ApiError({
          status: request.status,
          code: problem.code ?? 'internal',
          detail: problem.detail ?? `The server answered ${request.status}. Try again.`,
        }),
      )
    }
    const unreachable = () =>
      reject(new ApiError({ status: 0, code: 'unreachable', detail: 'The server can’t be reached.' }))
    request.onerror = unreachable
    request.ontimeout = unreachable
    request.onabort = unreachable
    request.timeout = 120_000
    request.send(file)
  })
}
