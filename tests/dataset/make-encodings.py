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
    'Japanese': 'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。',
    'Korean': '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.',
    'Chinese': '人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。',
    'Taiwanese': '人人生而自由,在尊嚴和權利上一律平等。他們賦有理性和良心,並應以兄弟關係的精神相對待。',
    'Bulgarian': 'Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум и съвест и следва да се отнасят помежду си в дух на братство.',
}
# iconv's name: Python's codec
names = {
    'ISO-8859-1': 'latin1', 'ISO-8859-2': 'iso8859_2', 'ISO-8859-7': 'iso8859_7', 'ISO-8859-9': 'iso8859_9',
    'ISO-8859-13': 'iso8859_13', 'ISO-8859-15': 'iso8859_15', 'Windows-1250': 'cp1250', 'Windows-1251': 'cp1251',
    'Windows-1252': 'cp1252', 'Windows-1253': 'cp1253', 'Windows-1254': 'cp1254', 'Windows-1255': 'cp1255',
    'Windows-1256': 'cp1256', 'Windows-1257': 'cp1257', 'KOI8-R': 'koi8_r', 'KOI8-U': 'koi8_u', 'CP866': 'cp866',
    'ISO-8859-5': 'iso8859_5', 'ISO-8859-6': 'iso8859_6', 'ISO-8859-8': 'iso8859_8', 'CP874': 'cp874',
    'TIS-620': 'tis_620', 'MACINTOSH': 'mac_roman', 'CP850': 'cp850', 'CP437': 'cp437', 'CP932': 'cp932',
    'CP949': 'cp949', 'GB18030': 'gb18030', 'Big5': 'big5', 'EUC-JP': 'euc_jp',
}


def reads(data, codec, text):
    try:
        return data.decode(codec) == text
    except UnicodeDecodeError:
        return False


wanted = [
    ('Polish', 'iso8859_2'), ('Polish', 'cp1250'),
    ('Czech', 'iso8859_2'), ('Czech', 'cp1250'),
    ('Hungarian', 'iso8859_2'), ('Romanian', 'iso8859_2'),
    ('Turkish', 'cp1254'), ('Lithuanian', 'cp1257'),
    ('German', 'latin1'), ('German', 'mac_roman'), ('German', 'cp850'),
    ('French', 'cp1252'), ('French', 'iso8859_15'),
    ('Portuguese', 'latin1'), ('Danish', 'latin1'), ('Icelandic', 'latin1'),
    ('Danish', 'cp850'), ('Portuguese', 'mac_roman'),
    ('Greek', 'iso8859_7'), ('Greek', 'cp1253'), ('Hebrew', 'cp1255'),
    ('Arabic', 'cp1256'), ('Thai', 'cp874'), ('Russian', 'cp1251'),
    ('Russian', 'koi8_r'), ('Bulgarian', 'cp1251'), ('Russian', 'cp866'), ('Russian', 'iso8859_5'),
    ('Arabic', 'iso8859_6'), ('Hebrew', 'iso8859_8'),
    ('Japanese', 'cp932'), ('Japanese', 'euc_jp'), ('Korean', 'cp949'), ('Chinese', 'gb18030'), ('Taiwanese', 'big5'),
]
rows = []
for language, codec in wanted:
    data = texts[language].encode(codec, 'replace')
    text = data.decode(codec)
    rows.append([language, codec, data.hex(), [name for name in names if reads(data, names[name], text)]])
print(json.dumps(rows, indent=0))
