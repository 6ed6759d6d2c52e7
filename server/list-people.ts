import 'server-only'

export { listInvites, listKeys, listMembers } from '@/db/queries/people'
