"""Common words of each language, by which a text's language is told. Written for this project; letters are folded.

Function words first, then words that people use when they ask for help. A word that several languages share counts for
each of them in part, so a list need not avoid the others' words.
"""

from __future__ import annotations

from types import MappingProxyType

WORDS = MappingProxyType(
    {
        "en": """the and of to a in is it that for on was with as be at by this have from or had not but what all
            were when we there can an your which their said if do will each about how up out them then she
            many some so these would other into has more her two like him see time could no make than first
            been its who now my made over did down only way find use may very after our just where most get
            through back much before go good new write any same tell does set want well also me too i he you
            they his us am are being because since while until again why should still every anyone everyone
            nobody nothing something please help thanks thank hello hi hey dear regards sorry need work works
            working worked try tried trying open opening opened close save send sent receive received change
            changed update updated fix fixed issue fails failed failing broken slow sign password customer
            customers payment today yesterday tomorrow week month year day morning hour hours minutes cannot
            can't don't doesn't didn't isn't wasn't won't i'm i've it's that's we're you're they're able
            unable request feature shall might must here one without between under off during both however
            already never always even long another different know think take look looks seems got getting keep
            keeps happens happened using used missing wrong show shows showing shown add added remove delete
            deleted create created allow question access check case urgent asap wondering anything crashes
            option settings search charge charged refund transfer exchange rate currency lost stolen activate
            arrive delivery load loading logged bookmark bookmarks history documentation docs unknown
            unexpected invalid incorrect instead does'nt doesnt dont cant isnt running run runs start starts
            starting stop stops stopped stuck blank empty display hide visits visitors goals""",
        "de": """der die das und ist nicht ein eine einen einem einer eines ich wir sie ihr ihnen uns mir mich dich
            es er zu zum zur den dem des im in am an auf aus bei beim mit nach seit von vom vor fur fuer uber
            ueber unter durch gegen ohne um bis ob als wie was wer wo wann warum wieso weshalb welche welcher
            welches dass weil wenn aber oder auch noch nur schon immer wieder mehr sehr hier jetzt heute
            gestern morgen kein keine keinen keiner keinem nichts niemand alle allen alles jeder jede man sich
            sind war waren hat haben hatte hatten habe wird werden wurde wurden kann konnen koennen konnte
            konnten muss mussen muessen soll sollte sollten mochte moechte mochten moechten wuerde darf bitte
            danke vielen dank hallo guten tag liebe lieber geehrte geehrter damen herren grusse gruesse gruße
            mfg freundlichen freundliche mein meine meinen meiner meinem unser unsere unseren unserer unserem
            ihre ihren ihrer dieser diese dieses diesen diesem dann da denn doch mal gibt geht gehen ging
            kommt kommen machen macht tun lasst lassen bekomme bekommen erhalte erhalten steht lauft laeuft
            funktioniert funktionieren fehler fehlermeldung problem passwort kennwort konto anmelden anmeldung
            einloggen anmelde rechnung rechnungen bestellung bestellungen kunde kunden kundin zahlung datei
            dateien seite seiten daten bericht berichte knopf schaltflache benutzer mitarbeiter kollegen
            kollege firma lesezeichen webseite nachricht nachrichten offnen oeffnen gelost geloscht geloescht
            verschwunden langsam dringend hilfe frage version einstellung einstellungen anzeigen angezeigt
            speichern gespeichert leider gar ganz zwei drei minuten stunden tagen tage woche wochen monat ab
            so sobald damit dabei davon dazu neue neuen neuer neues weder sondern zwischen wahrend etwas viel
            viele uhr funktionierte ladt laedt kundigen kuendigen erstattung dunkel ware waere dunkelmodus
            hinzufugen fehlt fehlen falsch falsche gesperrt ausgefallen abgesturzt sturzt stuerzt""",
        "fr": """le la les un une des du de et est pas ne je j'ai nous vous il elle ils elles on ce cet cette ces
            que qui quoi dont ou quand comment pourquoi quel quelle quels quelles a au aux en dans sur sous
            avec sans pour par chez vers entre depuis pendant avant apres mais donc car si plus moins tres
            trop bien aussi encore toujours jamais rien personne tout tous toute toutes chaque aucun aucune
            mon ma mes notre nos votre vos son sa ses leur leurs me te se y d'un d'une c'est n'est n'ai
            n'arrive l'application qu'il qu'on s'il lorsque parce etre avoir suis sont etait etaient sera ai
            as avons avez ont avait fait faire peux peut pouvez pouvons peuvent pourrait pourriez voudrais
            souhaite souhaitons veux dois doit faut va vais vont bonjour bonsoir merci cordialement
            salutations svp aide probleme erreur compte mot passe connexion connecter facture factures
            commande commandes client clients paiement fichier fichiers page pages donnees rapport rapports
            bouton utilisateur utilisateurs mise jour message ouvrir ouvre marche marchent fonctionne
            fonctionnent affiche bloque bloquee lent lente hier aujourd'hui demain matin semaine mois heures
            heure minutes deux trois ici maintenant deja alors comme meme ainsi quelque quelques autre autres
            nouveau nouvelle nouvelles impossible possible urgent question remboursement abonnement resilier
            ajouter supprimer supprime plusieurs lorsqu'on j'aimerais cela ca quelqu'un vide disparu perdu
            collegues equipe ordinateur logiciel navigateur marque-pages site""",
        "es": """el la los las un una unos unas de del y es no que en por para con sin se me te le les nos lo al su
            sus mi mis tu tus nuestro nuestra nuestros nuestras yo nosotros usted ustedes ellos ella este esta
            estos estas ese esa eso esto aqui ahi como cuando donde porque quien cual cuales si pero o u ni
            mas menos muy tambien ya aun todavia siempre nunca nada nadie algo alguien todo todos toda todas
            cada otro otra otros otras sobre entre desde hasta hacia segun durante antes despues ahora hoy
            ayer manana he ha han hemos habia hay haber ser soy son era eran fue fueron estan estoy estamos
            estaba tengo tiene tienen tenemos puedo puede pueden podemos podria podrian quiero queremos
            quisiera necesito necesitamos debe debo hacer hace hago dice sale aparece funciona funcionan hola
            buenos buenas dias tardes gracias saludos estimados favor ayuda problema error cuenta contrasena
            clave iniciar sesion usuario usuarios factura facturas pedido pedidos cliente clientes pago pagos
            archivo archivos pagina datos informe informes boton abrir carga lento lenta actualizacion mensaje
            correo enviar guardar bloqueado bloqueada cobrado reembolso suscripcion cancelar anadir agregar
            borrar semana mes horas hora minutos dos tres nuevo nueva urgente pregunta imposible consigo
            intento intentar vez mismo solo bien mal gustaria empresa equipo navegador marcadores perdido
            desaparecido ninguna ninguno algun alguna sido estado pasa queda muchas""",
        "pt": """o a os as um uma uns umas de do da dos das e nao que em no na nos nas por para pra com sem se me
            te lhe ao aos pelo pela pelos pelas seu sua seus suas meu minha meus minhas nosso nossa nossos
            nossas eu voce voces eles elas ele ela este esta isto esse essa isso aquele aqui ali como quando
            onde porque quem qual quais mas ou nem mais menos muito muita muitos tambem ja ainda sempre nunca
            nada ninguem algo alguem tudo todo todos toda todas cada outro outra outros outras sobre entre
            desde ate durante antes depois agora hoje ontem amanha foi foram era eram estao estou estamos
            estava sou sao ser ter tem temos tenho tinha tinham ha haver pode podem posso podemos poderia
            poderiam quero queremos gostaria preciso precisamos deve fazer faz faco diz aparece funciona
            funcionam ola bom boa dia tarde noite obrigado obrigada atenciosamente cumprimentos abracos favor
            ajuda problema erro conta senha palavra-passe entrar usuario usuarios utilizador utilizadores
            fatura faturas pedido pedidos encomenda cliente clientes pagamento pagamentos arquivo arquivos
            ficheiro ficheiros pagina dados relatorio relatorios botao abrir abre carrega lento lenta
            atualizacao mensagem enviar salvar guardar bloqueado bloqueada cobrado reembolso assinatura
            cancelar adicionar apagar semana mes horas hora minutos dois duas tres novo nova urgente pergunta
            impossivel consigo consegue conseguimos tento tentar vez mesmo so bem mal empresa equipe equipa
            navegador favoritos sumiu sumiram perdi site sistema seria voltar fica ficou""",
        "it": """il lo la i gli le un uno una di del dello della dei degli delle e che non per con senza su sul
            sulla nel nella nei da dal dalla al alla ai alle a in si mi ti ci vi ne mio mia miei mie nostro
            nostra nostri suo sua io noi voi lui lei loro questo questa questi queste quello quella come
            quando dove perche chi quale quali se ma o piu meno molto anche ancora sempre mai niente nulla
            nessuno qualcosa tutto tutti tutta tutte ogni altro altra altri sono e' era erano sia essere ho
            hai ha abbiamo avete hanno avere stato stata posso puo possono possiamo potete vorrei devo deve
            fare fatto dice appare funziona funzionano buongiorno buonasera salve ciao grazie saluti cordiali
            favore aiuto problema errore account utente utenti fattura fatture ordine ordini cliente clienti
            pagamento file pagina dati aprire apre lento aggiornamento messaggio oggi ieri domani settimana
            mese ore ora minuti due tre nuovo nuova dopo prima quindi pero cosi solo gia c'e dell' nell' all'
            qualche segnalibri scaricato scaricare riesco accedere bloccato cancellato richiesta purtroppo
            adesso""",
        "nl": """de het een en van ik je jij u we wij ze zij hij is niet dat die dit deze in op aan met voor naar
            bij uit om over onder door tegen zonder tot als dan maar of want omdat wanneer waar waarom hoe wat
            wie welke er hier daar nu nog al ook weer meer heel erg geen niets niemand iets iemand alle alles
            elke mijn onze ons uw hun haar zijn ben bent was waren heb hebt heeft hebben had hadden word wordt
            worden werd kan kunnen kon konden moet moeten wil willen zou zouden mag doen doe doet gaat gaan
            kom komt krijg krijgt krijgen hallo goedendag beste groet groeten bedankt dank alvast graag
            alstublieft aub hulp probleem fout foutmelding wachtwoord inloggen account factuur bestelling
            klant klanten betaling bestand bestanden pagina gegevens openen werkt werken traag bijwerken
            bericht vandaag gisteren morgen week maand uur minuten twee drie nieuwe sinds steeds eens even te
            zo wel toch computer bladwijzers opgelost verwijderd verwijderen bureaublad ipv""",
        "pl": """i w na z do nie sie jest to ze od po za o u przez dla przy pod nad bez czy jak kiedy gdzie
            dlaczego co kto ktory ktora ktore ale lub oraz albo bo wiec tez tylko juz jeszcze zawsze nigdy nic
            nikt wszystko wszystkie ten ta te tego tej moj moja moje nasz nasze jestem sa byl byla bylo byc
            mam ma mamy maja moge mozna moze prosze dziekuje witam dzien dobry pozdrawiam pomoc problem blad
            haslo konto zalogowac strona plik dane dziala otworzyc dzisiaj wczoraj jutro nowy nowa teraz
            mozliwosc gdy aby zeby""",
        "cs": """a v na se je ze to si do s z o k pro za po od u pri bez nebo ale kdyz jak kde proc co kdo ktery
            ktera ktere jen jiz uz jeste vzdy nikdy nic nikdo vse vsechny ten ta tento tato muj moje nas nase
            jsem jsi jsou jsme byl byla bylo byt mam ma mame maji mohu muze lze prosim dekuji dobry den
            zdravim pozdravem pomoc problem chyba heslo ucet prihlasit stranka soubor data nefunguje funguje
            otevrit dnes vcera nova novy ted aby mi me pokud zalozky prohlizec aktualizaci nejde jde toto tak
            take nemuzu potrebuji""",
        "sk": """a v na sa je ze to si do s z o k pre za po od u pri bez alebo ale ked ako kde preco co kto ktory
            len uz este vzdy nikdy nic nikto vsetko ten moj nas som su sme bol bola bolo byt mam ma mame maju
            mozem moze prosim dakujem dobry den pomoc problem chyba heslo ucet nefunguje funguje otvorit dnes
            vcera novy teraz aby mi""",
        "sv": """och att det som en ett i pa ar av for med till den inte har de om jag vi du ni han hon kan man var
            nar hur varfor vad vem vilken men eller ocksa bara redan fortfarande alltid aldrig inget ingen
            allt alla min mitt mina vart vara ska skulle vill maste gor gora far fick blir blev finns hej tack
            halsningar hjalp problem fel losenord konto logga sida fil fungerar oppna idag igar ny nya nu
            efter fran mot utan innan sedan mycket""",
        "da": """og at det som en et i pa er af for med til den ikke har de om jeg vi du kan man var nar hvordan
            hvorfor hvad hvem hvilken men eller ogsa kun allerede stadig altid aldrig intet ingen alt alle min
            mit mine vores skal skulle vil ma gor far fik bliver blev findes hej tak hilsen hjelp problem fejl
            adgangskode konto logge side fil virker abne dag igar ny nye nu efter fra mod uden siden meget
            fungerer takk hva etter noe""",
        "fi": """ja on ei se etta en mina sina han me te he ovat oli olivat olla olen ole mutta tai kun jos niin
            kuin miten miksi missa mita kuka mika joka jotka vain jo viela aina koskaan mitaan kukaan kaikki
            tama taman tata nama minun meidan voi voin voiko voisi pitaa saa saan haluan toimi toimii hei moi
            terve kiitos kiitoksia ystavallisin terveisin apua ongelma virhe salasana tili kirjautua sivu
            sivut tiedosto avata auki tanaan eilen uusi nyt jalkeen ennen kanssa ilman myos ettei enaa
            mitenkaan nain selain kirjanmerkit ongelman""",
        "hu": """a az egy es nem hogy is van volt vagy de ha mert mint meg csak mar most itt ott ez azt ezt ami
            amely aki ki mi mit hogyan miert hol mikor minden semmi senki valami en te o ti nekem minket
            vagyok vannak voltak lesz lehet kell tudom tudok szeretnem kerem koszonom koszi udvozlettel
            tisztelt szia hello jo napot segitseg problema hiba jelszo fiok belepni oldal fajl adatok mukodik
            megnyitni ma tegnap uj utan elott nelkul vele sem olyan nagyon tobb mas amikor miutan konyvjelzok
            frissites firefoxot kerdes valaki""",
        "ro": """si in la de cu pe din ca nu un o este sunt a al ai ale care ce cum cand unde dar sau daca mai
            foarte doar deja inca mereu niciodata nimic nimeni tot toate meu mea mele nostru am are avem aveti
            au era pot poate putem vreau trebuie va rog multumesc buna ziua salut ajutor problema eroare
            parola cont autentificare pagina fisier date functioneaza deschide azi ieri nou noua acum dupa
            fara pentru prin sa se imi""",
        "tr": """ve bir bu da de icin ile ne mi mu cok ama veya ya gibi daha en var yok degil ben sen biz siz onlar
            o su beni bana benim bizim sizin nasil neden nerede kim hangi her hic hicbir sey tum butun olarak
            olan oldu olmuyor oluyor ediyor etmiyor calismiyor calisiyor acilmiyor yapamiyorum giremiyorum
            istiyorum lazim gerekiyor lutfen merhaba merhabalar tesekkurler tesekkur ederim saygilar selam
            yardim sorun hata sifre hesap giris sayfa dosya bugun dun yeni simdi sonra once kadar ise ki diye
            acaba iyi gunler guncelleme cozum""",
        "id": """yang dan di ke dari ini itu untuk dengan pada adalah tidak saya kami kita anda dia mereka ada akan
            bisa dapat sudah belum telah sedang juga atau tetapi jika karena bagaimana kenapa mengapa apa
            siapa mana hanya masih selalu semua setiap mohon tolong terima kasih selamat pagi siang masalah
            kesalahan kata sandi akun masuk halaman berkas berfungsi membuka hari kemarin baru sekarang
            setelah sebelum tanpa lagi dalam oleh tersebut""",
        "vi": """va la cua khong co toi chung ban duoc cho trong voi mot nhung cac nay do khi thi da dang se nhu tu
            de nguoi ra vao len lai cung nhieu rat sao tai gi ai nao xin chao cam on giup loi mat khau khoan
            trang tep mo hom moi bi den sau truoc hay neu vay lam the phai""",
    }
)

LETTERS = MappingProxyType(
    {
        **{"de": "ß", "es": "ñ¿¡", "pt": "ãõ", "pl": "ąęłżźśćń", "cs": "řěů", "sk": "ľĺŕô", "hu": "őű", "tr": "ğış"},
        **{
            "da": "øæ",
            "ro": "ăâșțşţ",
            "fr": "œçèêùâîôû",
            "it": "ìòè",
            "vi": "ơưđạảấầẩậắằặẹẻẽếềểệỉịọỏốồổộớờởợụủứừửựỳỵỷỹ",
        },
        **{"sv": "å"},
    }
)
"""Letters, with their marks, that point at a language."""
