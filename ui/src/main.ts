/** Puts the app into the page. */
import { mount } from 'svelte'
import './app.css'
import App from './App.svelte'
// From the start, so that a plot shows what came before its tab.
import './lib/trails.svelte.ts'

const target = document.getElementById('app')
if (target) mount(App, { target })
