/** What the bundle runs: the whole process. */
import { main } from './main.ts'

void main()
