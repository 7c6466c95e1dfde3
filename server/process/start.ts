/** The executable. */
import { main } from './main.ts'

void main()
