// The search: answers Material's search box in place of its worker, and loads a language's index when somebody searches.
// The index brings the stemmer that made its keys, so a question and the pages are taken apart alike.
(() => {
  const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3]
  const [EXACT, KEY, START, ALIKE] = [1, 0.8, 0.4, 0.2]
  const TITLE = 8
  const EXCERPT = 240
  const { language } = document.currentScript.dataset
  const settings = JSON.parse(document.getElementById("__config").textContent)
  const base = new URL(settings.base.replace(/\/?$/, "/"), location.href)
  const fromFolder = location.protocol === "file:"
  let loading = null

  function load() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script")
      script.src = new URL(`search/${language}.js`, base).href
      script.onload = () => resolve(new Index(globalThis.edgedocsIndex))
      script.onerror = () => reject(new Error(`${script.src} cannot be loaded`))
      document.head.append(script)
    }).catch((error) => {
      loading = null
      throw error
    })
    return loading
  }

  class Index {
    constructor(data) {
      Object.assign(this, data)
      this.pattern = new RegExp(`[${data.whole}]|(?:(?![${data.whole}])[\\p{L}\\p{N}_])+`, "gu")
      this.folded = data.words.map((word) => this.fold(word))
      this.byKey = new Map()
      this.folded.forEach((folded, word) => {
        for (const key of new Set([folded, ...data.keys[word]])) {
          if (!this.byKey.has(key)) this.byKey.set(key, [])
          this.byKey.get(key).push(word)
        }
      })
      this.first = new Map() // the beginning of each page
      data.sections.forEach(([page], section) => this.first.has(page) || this.first.set(page, section))
    }

    fold(word) {
      const letters = [...word.toLowerCase()].map((letter) => this.letters[letter] ?? letter).join("")
      return letters.normalize("NFD").replace(/[\u0300-\u036f]/g, "").normalize("NFC")
    }

    split(text) {
      const found = text.normalize("NFC").toLowerCase().match(this.pattern) ?? []
      return found.filter((word) => /[^_]/.test(word))
    }

    keysOf(word) {
      const folded = this.fold(word)
      const listed = Object.hasOwn(this.forms, folded) ? this.forms[folded] : []
      const found = new Set([folded, this.fold(this.stem(word)), this.fold(this.stem(folded)), ...listed])
      // A word of the pages is known better than one that is only typed: its base form may have been looked up.
      for (const other of this.byKey.get(folded) ?? [])
        if (this.folded[other] === folded) this.keys[other].forEach((key) => found.add(key))
      return found
    }

    // The words of the pages that a word of a question may mean, each with how well it suits.
    matches(word) {
      const folded = this.fold(word)
      const found = new Map()
      const add = (other, quality) => found.set(other, Math.max(quality, found.get(other) ?? 0))
      for (const key of this.keysOf(word)) for (const other of this.byKey.get(key) ?? []) add(other, KEY)
      this.folded.forEach((other, place) => {
        if (other === folded) add(place, EXACT)
        else if (folded.length > 1 && other.startsWith(folded)) add(place, START)
        else if (this.begin && (beginAlike(other, folded) || beginAlike(folded, other))) add(place, ALIKE)
      })
      return found
    }

    search(question) {
      const asked = [...new Set(this.split(question))]
      const scores = new Map()
      for (const word of asked) {
        const best = new Map()
        for (const [other, quality] of this.matches(word)) {
          const places = this.postings[other]
          const rarity = Math.log(1 + this.sections.length / (places.length / 3))
          for (let i = 0; i < places.length; i += 3) {
            const weight = TITLE * places[i + 1] + Math.log(1 + places[i + 2])
            const score = quality * rarity * weight
            if (score > (best.get(places[i])?.score ?? 0)) best.set(places[i], { score, word: this.words[other] })
          }
        }
        for (const [section, { score, word: known }] of best) {
          const entry = scores.get(section) ?? { score: 0, terms: {}, asked: new Set() }
          entry.score += score
          entry.terms[known] = true
          entry.asked.add(word)
          scores.set(section, entry)
        }
      }
      return this.grouped(asked, scores)
    }

    // By page, as Material shows them. Sections that lack a word of the question give way to those that have all.
    grouped(asked, scores) {
      const most = Math.max(0, ...[...scores.values()].map((entry) => entry.asked.size))
      const pages = new Map()
      for (const [section, entry] of scores) {
        if (entry.asked.size < most) continue
        for (const word of asked) if (!entry.asked.has(word)) entry.terms[word] = false
        const page = this.sections[section][0]
        if (!pages.has(page)) pages.set(page, [])
        pages.get(page).push(this.item(section, entry))
      }
      const items = [...pages].map(([page, found]) => {
        const article = this.item(this.first.get(page), { score: 0, terms: {} })
        if (!found.some((item) => item.location === article.location)) found.push(article)
        return found.sort((one, other) => other.score - one.score)
      })
      return items.sort((one, other) => other[0].score - one[0].score)
    }

    item(section, { score, terms }) {
      const [page, anchor, title, text] = this.sections[section]
      const words = Object.keys(terms).filter((word) => terms[word])
      const location = fromFolder ? page.replace(/(^|\/)$/, "$1index.html") : page
      return {
        location: anchor ? `${location}#${anchor}` : location,
        title: this.marked(title, words),
        text: score ? `<p>${this.marked(this.excerpt(text, words), words)}</p>` : "",
        score,
        terms,
      }
    }

    excerpt(text, words) {
      if (text.length <= EXCERPT) return text
      const lower = text.toLowerCase()
      const places = words.map((word) => lower.indexOf(word)).filter((place) => place >= 0)
      const wanted = Math.max(0, Math.min(...(places.length ? places : [0])) - EXCERPT / 4)
      const start = wanted ? text.indexOf(" ", wanted) + 1 : 0
      const end = text.lastIndexOf(" ", start + EXCERPT)
      const shown = text.slice(start, end > start ? end : start + EXCERPT)
      return `${start ? "… " : ""}${shown}${end < text.length ? " …" : ""}`
    }

    marked(text, words) {
      const wanted = new Set(words)
      let html = ""
      let place = 0
      for (const found of text.matchAll(this.pattern)) {
        const mark = wanted.has(found[0].toLowerCase())
        html += escaped(text.slice(place, found.index))
        html += mark ? `<mark data-md-highlight>${escaped(found[0])}</mark>` : escaped(found[0])
        place = found.index + found[0].length
      }
      return html + escaped(text.slice(place))
    }
  }

  function escaped(text) {
    return text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign])
  }

  // Whether two words differ in no more than endings do; measured in tests/publishing/search.
  function beginAlike(form, other) {
    let common = 0
    while (common < form.length && form[common] === other[common]) common++
    const removed = form.length - common
    const ending = other.length - common
    return common >= 4 && removed <= Math.max(1, Math.min(2, Math.floor(form.length / 4))) && ending <= 4
  }

  // Speaks to Material as its worker does. A worker cannot be had in a page that was opened from a folder.
  class Answering extends EventTarget {
    newest = 0

    postMessage({ type, data }) {
      if (type === SETUP) this.answer({ type: READY })
      if (type === QUERY) this.question(data)
    }

    async question(text) {
      const number = ++this.newest
      let items = []
      try {
        if (text.trim()) items = (await load()).search(text)
      } catch (error) {
        console.error(error)
      }
      if (number === this.newest) this.answer({ type: RESULT, data: { items } })
    }

    answer(data) {
      setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data })))
    }

    terminate() {}
  }

  const Worker = globalThis.Worker
  globalThis.Worker = function (url, options) {
    const asked = new URL(url, location.href).href
    return asked === new URL(settings.search, location.href).href ? new Answering() : new Worker(url, options)
  }
  // Whoever goes to the search box is about to search.
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches?.("[data-md-component=search-query]")) load().catch(() => {})
  })
  globalThis.edgedocsSearch = { load, Index }
})()
