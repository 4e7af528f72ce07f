/** Traversals. */
import { onFile } from './reads/on-file.js'
import { readTraversals } from './reads/traverse.js'

await onFile(readTraversals)
