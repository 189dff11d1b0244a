using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class MalformedTokenizerTests
{
    private const string RobertaVocabulary = """{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"<mask>":4,"a":5,"b":6,"ab":7}""";
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 231508\n";

    public static IEnumerable<(string Case, (string, string)[] Files, string InMessage)> Malformed =>
    [
        ("no [UNK]", [("vocab.txt", "[PAD]\n[CLS]\n[SEP]\na\n")], "vocab.txt"),
        ("no [CLS]", [("vocab.txt", "[PAD]\n[UNK]\n[SEP]\na\n")], "cls_token"),
        ("duplicate token", [("vocab.txt", TinyVocabulary.Bert("a", "b", "a"))], "'a' is on line 6 and again on line 8"),
        ("empty vocabulary", [("vocab.txt", "")], "vocab.txt"),
        ("pointer vocabulary", [("vocab.txt", Pointer)], "Git LFS pointer"),
        ("pointer model", [("spiece.model", Pointer)], "Git LFS pointer"),
        ("bad configuration", [("vocab.txt", TinyVocabulary.Bert("a")), ("tokenizer_config.json", "{\"do_lower_case\": ")], "tokenizer_config.json"),
        ("configuration of a wrong type", [("vocab.txt", TinyVocabulary.Bert("a")), ("tokenizer_config.json", "[1]")], "expected a JSON object"),
        ("field of a wrong type", [("vocab.txt", TinyVocabulary.Bert("a")), ("tokenizer_config.json", """{"do_lower_case": "yes"}""")], "do_lower_case"),
        ("bad json vocabulary", [("vocab.json", "{"), ("merges.txt", "")], "vocab.json"),
        ("duplicate in json", [("vocab.json", """{"a": 1, "a": 2}"""), ("merges.txt", "")], "'a' is in the vocabulary twice"),
        ("two tokens of one id", [("vocab.json", """{"a": 1, "b": 1}"""), ("merges.txt", "")], "id 1"),
        ("negative id", [("vocab.json", """{"a": -1}"""), ("merges.txt", "")], "vocab.json"),
        ("merge of unknown tokens", [("vocab.json", RobertaVocabulary), ("merges.txt", "#version: 0.2\na c\n")], "merges.txt"),
        ("merge of three parts", [("vocab.json", RobertaVocabulary), ("merges.txt", "a b c\n")], "merge 1"),
        ("merge twice", [("vocab.json", RobertaVocabulary), ("merges.txt", "a b\na b\n")], "twice"),
        ("no <s>", [("vocab.json", """{"a": 0}"""), ("merges.txt", "")], "'<s>'"),
        ("tokenizer.json without a model", [("tokenizer.json", "{}")], "tokenizer.json"),
        ("sentencepiece of text", [("sentencepiece.bpe.model", "this is no protobuf")], "sentencepiece.bpe.model"),
        ("empty sentencepiece", [("spm.model", "")], "spm.model"),
    ];

    [TestMethod]
    [DynamicData(nameof(Malformed))]
    public void Malformed_files_are_named(string Case, (string, string)[] Files, string InMessage)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => TinyVocabulary.Load(Files), Case);
        Assert.Contains(InMessage, error.Message);
        Assert.Contains("memory/", error.Message);
    }

    public static IEnumerable<(string Case, (string, string)[] Files, string Found)> Unsupported =>
    [
        ("no tokenizer", [("config.json", "{}")], "found config.json"),
        ("nothing", [], "found no files"),
        ("another class", [("vocab.txt", TinyVocabulary.Bert("a")), ("tokenizer_config.json", """{"tokenizer_class": "BertJapaneseTokenizer"}""")], "BertJapaneseTokenizer"),
        ("T5's model", [("spiece.model", "x"), ("tokenizer_config.json", """{"tokenizer_class": "T5TokenizerFast"}""")], "T5Tokenizer"),
        ("unigram in tokenizer.json", [("tokenizer.json", """{"model": {"type": "Unigram"}}""")], "Unigram"),
        ("normalizer of BPE", [("tokenizer.json", """{"normalizer": {"type": "NFC"}, "model": {"type": "BPE"}}""")], "NFC"),
        ("pre-tokenizer of BPE", [("tokenizer.json", """{"pre_tokenizer": {"type": "Metaspace"}, "model": {"type": "BPE"}}""")], "Metaspace"),
        ("pre-tokenizer sequence", [("tokenizer.json", """{"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split"}, {"type": "ByteLevel"}]}, "model": {"type": "BPE"}}""")], "Split + ByteLevel"),
        ("normalizer of WordPiece", [("tokenizer.json", """{"normalizer": {"type": "Lowercase"}, "model": {"type": "WordPiece"}}""")], "Lowercase"),
    ];

    [TestMethod]
    [DynamicData(nameof(Unsupported))]
    public void Unsupported_tokenizers_say_what_was_found(string Case, (string, string)[] Files, string Found)
    {
        var error = Assert.ThrowsExactly<NotSupportedException>(() => TinyVocabulary.Load(Files), Case);
        Assert.Contains(Found, error.Message);
        Assert.Contains("upported", error.Message);
    }

    [TestMethod]
    public void Damaged_files_are_refused_or_read_and_never_fail_otherwise()
    {
        (string Name, string Content)[][] sound =
        [
            [("vocab.txt", TinyVocabulary.Bert("a", "##b")), ("tokenizer_config.json", """{"do_lower_case": true, "model_max_length": 9, "mask_token": {"content": "[MASK]", "lstrip": true}, "added_tokens_decoder": {"7": {"content": "<x>"}}}""")],
            [("vocab.json", RobertaVocabulary), ("merges.txt", "#version: 0.2\na b\n"), ("special_tokens_map.json", """{"cls_token": "<s>", "additional_special_tokens": ["a"]}"""), ("added_tokens.json", """{"<x>": 8}""")],
            [("tokenizer.json", """
                {"added_tokens": [{"id": 4, "content": "[MASK]", "lstrip": false}], "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
                 "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
                 "model": {"type": "WordPiece", "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "a": 5, "##b": 6}}}
                """)],
        ];
        string[] fragments = ["{", "}", "[", "]", "\"", ",", ":", "null", "-1", "1e999", "99999999999", "2000000000", "\\ud800", "\n", "", " ", "\"\"", "true", "\uFFFF", "id", "type"];
        (int refused, int read) = (0, 0);
        for (int seed = 0; seed < 6000; seed++)
        {
            var random = new Random(seed);
            var files = sound[seed % sound.Length].ToArray();
            ref (string Name, string Content) file = ref files[random.Next(files.Length)];
            int at = random.Next(file.Content.Length), length = random.Next(Math.Min(8, file.Content.Length - at));
            file.Content = file.Content[..at] + fragments[random.Next(fragments.Length)] + file.Content[(at + length)..];
            try
            {
                TinyVocabulary.Load(files).Encode("ab <x> [MASK] <mask>", "é", 12, Truncation.HeadTail);
                read++;
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                Assert.Contains("memory/", e.Message);
                refused++;
            }
        }
        Assert.IsGreaterThan(1000, refused);
        Assert.IsGreaterThan(100, read);
    }

    [TestMethod]
    public void Text_that_is_not_utf8_is_named_with_its_place()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => TextTokenizer.Load(new Dictionary<string, byte[]> { ["vocab.txt"] = [(byte)'a', 0xFF, (byte)'\n'] }, "memory"));
        Assert.Contains("memory/vocab.txt", error.Message);
        Assert.Contains("byte 1", error.Message);
    }

    [TestMethod]
    public void A_missing_directory_is_named() =>
        Assert.Contains("/no/such/place", Assert.ThrowsExactly<DirectoryNotFoundException>(() => TextTokenizer.Load("/no/such/place")).Message);
}
