'use client'
import { useCallback, useEffect, useEffectEvent, useState } from 'react'
import type { UndoAnswer } from '@/contract/v1/actions'
import type { Problem } from '@/contract/v1/common'
import type { ImportDetail, ImportMapping, ImportPreview } from '@/contract/v1/imports'
import type { Job } from '@/contract/v1/jobs'
import { ApiError, createClient } from '@/sdk/client'

const client = createClient()
const lookEveryMs = 400
const uploadLimitMs = 300_000

const offline = {
  status: 0,
  code: 'unreachable',
  detail: 'The server can’t be reached. Nothing is lost; try again.',
}

async function sendFile(project: string, file: File): Promise<ImportDetail> {
  const answer = await fetch(
    `/api/v1/projects/${project}/imports?fileName=${encodeURIComponent(file.name.slice(0, 200) || 'file')}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: file,
      signal: AbortSignal.timeout(uploadLimitMs),
    },
  ).catch(() => {
    throw new ApiError({
      ...offline,
      detail: 'The file did not get through. Nothing was stored; drop it again.',
    })
  })
  const body: unknown = await answer.json().catch(() => null)
  if (answer.ok) return body as ImportDetail
  const fallback = {
    status: answer.status,
    code: 'internal',
    detail: `The server answered ${answer.status}. Try again.`,
  }
  throw new ApiError({ ...fallback, ...((body ?? {}) as Partial<Problem>) })
}

/** The id of the import stays in the address, so that a reload comes back to it. */
function keepInAddress(id: string | null): void {
  const here = new URL(location.href)
  if (id) here.searchParams.set('import', id)
  else here.searchParams.delete('import')
  history.replaceState(null, '', here)
}

/** One file on its way in: sent, mapped, imported, undone. */
export function useImport(project: string, initial: ImportDetail | null, onChange: () => void) {
  const [detail, setDetail] = useState(initial)
  const [mapping, setMapping] = useState<ImportMapping | null>(initial?.mapping ?? null)
  const [preview, setPreview] = useState<ImportPreview | null>(initial?.preview ?? null)
  const [busy, setBusy] = useState<string | null>(null)
  const [refusal, setRefusal] = useState<ApiError | null>(null)
  const path = `/projects/${project}/imports`

  async function act<T>(name: string, work: () => Promise<T>): Promise<T | null> {
    setBusy(name)
    setRefusal(null)
    try {
      return await work()
    } catch (error) {
      setRefusal(error instanceof ApiError ? error : new ApiError(offline))
      return null
    } finally {
      setBusy(null)
    }
  }

  const show = useCallback((next: ImportDetail) => {
    setDetail(next)
    setMapping(next.mapping)
    setPreview(next.preview)
  }, [])

  const running = detail?.state === 'running' ? detail.id : null
  const told = useEffectEvent(onChange)
  useEffect(() => {
    if (!running) return
    let over = false
    const look = async () => {
      while (!over) {
        await new Promise(resolve => setTimeout(resolve, lookEveryMs))
        if (over) return
        const next = await client.request<ImportDetail>('GET', `${path}/${running}`).catch(() => null)
        if (over || !next) continue
        setDetail(next)
        if (next.state !== 'running') told()
      }
    }
    void look()
    return () => {
      over = true
    }
  }, [running, path])

  return {
    detail,
    mapping,
    preview,
    busy,
    refusal,
    async send(file: File) {
      const next = await act('send', () => sendFile(project, file))
      if (!next) return
      keepInAddress(next.id)
      show(next)
      onChange()
    },
    async reread(dialect: string | null) {
      if (!detail) return
      const next = await act('preview', () =>
        client.request<ImportDetail>('POST', `${path}/${detail.id}/reading`, { dialect }),
      )
      if (next) show(next)
    },
    async remap(next: ImportMapping) {
      setMapping(next)
      if (!detail) return
      const seen = await act('preview', () =>
        client.request<ImportPreview>('POST', `${path}/${detail.id}/preview`, { mapping: next }),
      )
      if (seen) setPreview(seen)
    },
    async start() {
      if (!detail || !mapping) return
      const next = await act('start', () =>
        client.request<ImportDetail>('POST', `${path}/${detail.id}/start`, { mapping }),
      )
      if (next) setDetail(next)
    },
    async cancel() {
      const job = detail?.job
      if (job)
        await act('cancel', () => client.request<Job>('POST', `/projects/${project}/jobs/${job.id}/cancel`))
    },
    async undo() {
      if (!detail?.actionId) return
      const done = await act('undo', () =>
        client.request<UndoAnswer>('POST', `/projects/${project}/actions/${detail.actionId}/undo`),
      )
      if (!done) return
      const next = await act('look', () => client.request<ImportDetail>('GET', `${path}/${detail.id}`))
      if (next) setDetail(next)
      onChange()
    },
    another() {
      keepInAddress(null)
      setDetail(null)
      setMapping(null)
      setPreview(null)
      setRefusal(null)
    },
  }
}
