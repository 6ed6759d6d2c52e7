const pairs = `i ich|you du|he er|she sie|we wir|they sie|it es|me mich|us uns|them ihnen|my mein|your dein|our unser|their ihr
the der|a ein|an ein|this dies|that das|these diese|and und|or oder|but aber|not nicht|no nein|yes ja|please bitte|thanks danke
thank danke|sorry entschuldigung|hello hallo|hi hallo|dear liebe|is ist|are sind|was war|were waren|be sein|have habe|has hat
had hatte|do tun|does tut|did tat|can kann|could könnte|will wird|would würde|should sollte|must muss|may darf|want will
need brauche|know weiß|think denke|come komme|go gehe|see sehe|meet treffen|send schicke|bring bringe|take nehme|get bekomme
give gebe|make mache|call anrufe|write schreibe|read lese|work arbeite|works passt|help helfe|wait warte|ask frage|tell sage
today heute|tomorrow morgen|yesterday gestern|tonight abends|morning morgens|afternoon nachmittags|evening abends|week woche
month monat|day tag|hour stunde|minute minute|monday montag|tuesday dienstag|wednesday mittwoch|thursday donnerstag
friday freitag|saturday samstag|sunday sonntag|now jetzt|later später|soon bald|again wieder|still noch|already schon|here hier
there dort|where wo|when wann|what was|who wer|why warum|how wie|which welche|if wenn|because weil|with mit|without ohne|for für
from von|to zu|in in|on auf|at um|by bei|of von|about über|after nach|before vor|until bis|between zwischen|good gut|great toll
new neu|old alt|big groß|small klein|early früh|late spät|free frei|busy beschäftigt|ready bereit|right richtig|wrong falsch
meeting besprechung|appointment termin|time zeit|place ort|house haus|car auto|dog hund|cat katze|dinner abendessen|lunch mittagessen
coffee kaffee|invoice rechnung|report bericht|file datei|question frage|answer antwort|problem problem|team team|friend freund
one ein|two zwei|three drei|four vier|five fünf|ten zehn|first erste|next nächste|last letzte|more mehr|less weniger|all alle`

/** English words of everyday messages and one German word for each: own work, for mixing languages only. */
export const glossary: ReadonlyMap<string, string> = new Map(
  pairs
    .split(/[|\n]/)
    .map(pair => pair.split(' '))
    .flatMap(([english, german]) => (english && german ? [[english, german] as const] : [])),
)
