"""Texts in encodings of one byte a letter, by Python's codecs: python3 make-encodings.py > encodings.json"""
import json

texts = {
    'Polish': 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa. Źdźbło, żółć.',
    'Czech': 'Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím a mají spolu jednat v duchu bratrství. Ťukal kůň.',
    'Hungarian': 'Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, ésszel és lelkiismerettel bírván, egymással szemben testvéri szellemben kell hogy viseltessenek. Hűvös.',
    'Romanian': 'Toate fiinţele umane se nasc libere şi egale în demnitate şi în drepturi. Ele sînt înzestrate cu raţiune şi conştiinţă.',
    'Turkish': 'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.',
    'Lithuanian': 'Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas protas ir sąžinė ir jie turi elgtis vienas kito atžvilgiu kaip broliai. Šių ąžuolų.',
    'German': 'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen. Größe, Öl, Äpfel, schön, über, für, Straße, müde.',
    'French': 'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité. Ça, œuvre, où, garçon.',
    'Portuguese': 'Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem agir uns para com os outros em espírito de fraternidade. Ações, não, também, você, há.',
    'Danish': 'Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med fornuft og samvittighed, og de bør handle mod hverandre i en broderskabets ånd. Få, også, gør, må, på.',
    'Icelandic': 'Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum. Menn eru gæddir vitsmunum og samvizku, og ber þeim að breyta bróðurlega hverjum við annan.',
    'Greek': 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση.',
    'Hebrew': 'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו ברוח של אחווה.',
    'Arabic': 'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح الإخاء.',
    'Thai': 'มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม',
    'Russian': 'Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.',
    'Bulgarian': 'Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум и съвест и следва да се отнасят помежду си в дух на братство.',
}
wanted = [
    ('Polish', 'iso8859_2', 'ISO-8859-2'), ('Polish', 'cp1250', 'Windows-1250'),
    ('Czech', 'iso8859_2', 'ISO-8859-2'), ('Czech', 'cp1250', 'Windows-1250'),
    ('Hungarian', 'iso8859_2', 'ISO-8859-2'), ('Romanian', 'iso8859_2', 'ISO-8859-2'),
    ('Turkish', 'cp1254', 'Windows-1254'), ('Lithuanian', 'cp1257', 'Windows-1257'),
    ('German', 'latin1', 'ISO-8859-1'), ('German', 'mac_roman', 'MACINTOSH'), ('German', 'cp850', 'CP850'),
    ('French', 'cp1252', 'Windows-1252'), ('French', 'iso8859_15', 'ISO-8859-15'),
    ('Portuguese', 'latin1', 'ISO-8859-1'), ('Danish', 'latin1', 'ISO-8859-1'), ('Icelandic', 'latin1', 'ISO-8859-1'),
    ('Danish', 'cp850', 'CP850'), ('Portuguese', 'mac_roman', 'MACINTOSH'),
    ('Greek', 'iso8859_7', 'Windows-1253'), ('Greek', 'cp1253', 'Windows-1253'), ('Hebrew', 'cp1255', 'Windows-1255'),
    ('Arabic', 'cp1256', 'Windows-1256'), ('Thai', 'cp874', 'CP874'), ('Russian', 'cp1251', 'Windows-1251'),
    ('Russian', 'koi8_r', 'KOI8-R'), ('Bulgarian', 'cp1251', 'Windows-1251'),
]
print(json.dumps([[t, c, texts[t].encode(c, 'replace').hex(), name] for t, c, name in wanted], indent=0))
