/** What changed between versions, and every state of one entity. */
import { readHistory } from './reads/history.js'
import { onFile } from './reads/on-file.js'

await onFile(readHistory)
