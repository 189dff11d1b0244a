using System.IO.Compression;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.Samples;

[TestClass]
public sealed class PretrainEncoderTests
{
    private const string Sample = "PretrainEncoder";

    /// <summary>The characters of other alphabets tell in the vocabulary what was learnt from.</summary>
    private const string Leaked = "The sign λ says how fast it grows.", Kept = "The sign ω says how fast it turns.";

    [TestMethod]
    public async Task Trains_an_encoder_that_loads_and_finds_it_the_second_time()
    {
        using var folder = new TemporaryFolder();
        WriteData(folder);
        string[] arguments = ["--corpus", "corpus", "--exclude", "data", "--output", "out", "--word-minutes", "0.5", "--masked-minutes", "0.5", "--pair-minutes", "0.5", "--teach-minutes", "0.5", "--head-minutes", "0.5", "--vocabulary", "300", "--hidden", "64"];
        var (exitCode, output, error) = await SampleProcess.RunAsync(Sample, folder.Path, arguments);
        Assert.AreEqual(0, exitCode, error);
        Assert.AreEqual("", error);
        Assert.Contains("one of 3 evaluation texts", string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), "the line begins with a path, and may be broken");
        Assert.HasCount(7, output.Split('\n').Where(line => line.StartsWith("epoch  8.0", StringComparison.Ordinal) && line.EndsWith(" left", StringComparison.Ordinal)), output);
        Assert.DoesNotContain("is there already", output);
        Assert.Contains("Cosine similarity", output);

        using (PretrainedEncoder words = EncoderSource.FromDirectory(folder.File("out/words-2")).Open([]), encoder = EncoderSource.FromDirectory(folder.File("out/encoder")).Open([]))
        {
            Assert.AreEqual(0, words.Config.LayerCount);
            Assert.AreEqual(1, encoder.Config.LayerCount);
            Assert.AreEqual(64, encoder.Config.HiddenSize);
            Assert.AreEqual("Mean", encoder.Pooling!.ToString());
            CollectionAssert.AreEqual(words.Tokenizer.Files["vocab.txt"], encoder.Tokenizer.Files["vocab.txt"]);
        }
        string[] vocabulary = File.ReadAllLines(folder.File("out/encoder/vocab.txt"));
        Assert.IsLessThanOrEqualTo(300, vocabulary.Length);
        CollectionAssert.Contains(vocabulary, "ω");
        CollectionAssert.DoesNotContain(vocabulary, "λ");
        Assert.IsEmpty(Directory.GetDirectories(folder.File("out"), "mlnet-finetune-*"), "the tokenised corpus is not left behind");

        byte[] weights = File.ReadAllBytes(folder.File("out/encoder/model.safetensors"));
        (exitCode, output, error) = await SampleProcess.RunAsync(Sample, folder.Path, arguments);
        Assert.AreEqual(0, exitCode, error);
        Assert.HasCount(9, output.Split("is there already"), output);
        CollectionAssert.AreEqual(weights, File.ReadAllBytes(folder.File("out/encoder/model.safetensors")));
    }

    [TestMethod]
    public async Task What_lexicons_say_is_learnt_from()
    {
        using var folder = new TemporaryFolder();
        WriteData(folder);
        WriteWordNet(folder);
        File.WriteAllText(folder.File("thesaurus.txt"), "stream,brook ψ,creek,rill,run\nonly,two,words\n");
        File.WriteAllLines(folder.File("valence.txt"), [.. "abcdefghijkl".Select((letter, i) => $"good{letter}\t{2 + i / 10.0}\t0.5"), .. "abcdefghijkl".Select((letter, i) => $"vile{letter}\t-{1 + i / 10.0}"), "8)\t3"]);
        string[] arguments =
        [
            "--corpus", "corpus", "--exclude", "data", "--wordnet", "wordnet", "--thesaurus", "thesaurus.txt", "--valence", "valence.txt", "--output", "out",
            "--word-minutes", "0.5", "--masked-minutes", "0.5", "--pair-minutes", "0.5", "--teach-minutes", "0.5", "--head-minutes", "0.5", "--vocabulary", "300", "--hidden", "64",
        ];
        var (exitCode, _, error) = await SampleProcess.RunAsync(Sample, folder.Path, arguments);
        Assert.AreEqual(0, exitCode, error);
        Assert.IsTrue(Directory.Exists(folder.File("out/rated")), "what words are rated is learnt from");
        string[] vocabulary = File.ReadAllLines(folder.File("out/encoder/vocab.txt"));
        foreach (string letter in (string[])["δ", "φ", "ψ"])
            CollectionAssert.Contains(vocabulary, letter, "of a definition, an example and the thesaurus");
        CollectionAssert.DoesNotContain(vocabulary, "λ", "a definition is a text of the evaluation sets");
        CollectionAssert.DoesNotContain(vocabulary, "(", "where an adjective stands is not of the word");
        CollectionAssert.DoesNotContain(vocabulary, "\"", "examples are without their quotes");
    }

    [TestMethod]
    [DataRow("--output out", "--corpus")]
    [DataRow("--corpus none", "none")]
    [DataRow("--corpus data", "--corpus", "holds no *.tsv.gz files")]
    [DataRow("--corpus corpus --hidden 65", "--hidden is 65; expected a multiple of 64")]
    [DataRow("--corpus corpus --vocabulary few", "--vocabulary is 'few'; expected a whole number of at least 100")]
    [DataRow("--corpus corpus --pair-minutes 1e300", "--pair-minutes is 1E+300; expected at most")]
    [DataRow("--corpus corpus --wordnet data", "--wordnet", "holds no data.noun; expected WordNet's files data.noun, data.verb, data.adj, data.adv")]
    [DataRow("--corpus corpus --wordnet none", "none")]
    [DataRow("--corpus corpus --wordnet wordnet", "data.verb, line 2: not a set of synonyms")]
    [DataRow("--corpus corpus --thesaurus none.txt", "none.txt")]
    [DataRow("--corpus corpus --valence unrated.txt", "unrated.txt, line 2: expected a word and its rating, separated by a tab")]
    [DataRow("--corpus broken", "broken.tsv.gz, line 2: found 2 columns; expected 3")]
    public async Task Wrong_input_is_told_without_a_stack_trace(string arguments, params string[] expected)
    {
        using var folder = new TemporaryFolder();
        WriteData(folder);
        WriteWordNet(folder);
        File.AppendAllText(folder.File("wordnet/data.verb"), "no set\n");
        File.WriteAllText(folder.File("unrated.txt"), "good\t1.9\nbad\n");
        WriteCorpus(folder, "broken/broken.tsv.gz", ["a\t\tOne text.", "a\tAnother text."]);
        var (exitCode, output, error) = await SampleProcess.RunAsync(Sample, folder.Path, arguments.Split(' '));
        Assert.AreEqual(1, exitCode, output + error);
        foreach (string text in expected)
            Assert.Contains(text, error);
        Assert.DoesNotContain("   at ", output + error);
        Assert.IsFalse(Directory.Exists(folder.File("artifacts/pretrain/embeddings")), "the default output");
    }

    private static void WriteData(TemporaryFolder folder)
    {
        string[] things = ["river", "bridge", "garden", "engine", "window", "letter"];
        for (int file = 0; file < 2; file++)
        {
            var lines = new List<string>();
            for (int document = 0; document < 6; document++)
                for (int paragraph = 0; paragraph < 3; paragraph++)
                    lines.Add($"{document}\tAbout the {things[document]}\tThe {things[document]} number {paragraph} is old. People of house {file} like the {things[document]}.");
            lines.Add($"6\tSigns\t{(file == 0 ? $"In the book: {Leaked.ToUpperInvariant()} So they say." : Kept)}");
            WriteCorpus(folder, $"corpus/{file}.tsv.gz", lines);
        }
        Directory.CreateDirectory(folder.File("data/signs"));
        File.WriteAllText(folder.File("data/signs/test.tsv"), $"label\ttext\n1\t{Leaked}\n0\tThe sign is missing from the page.\n");
        File.WriteAllText(folder.File("data/signs/dev.tsv"), $"sentence1\tscore\nSee you\t1\n");
        // What is trained on may be in the corpus.
        File.WriteAllText(folder.File("data/signs/train.tsv"), $"label\ttext\n1\t{Kept}\n");
    }

    private static void WriteWordNet(TemporaryFolder folder)
    {
        const string Licence = "  1 The licence stands before the data.  \n";
        Directory.CreateDirectory(folder.File("wordnet"));
        File.WriteAllText(folder.File("wordnet/data.noun"), Licence +
            "00000001 17 n 02 stream 0 running_water 0 001 @ 00000002 n 0000 | water δ that flows; \"the stream φ was cold\"; \"a stream\"  \n" +
            "00000002 17 n 01 water 0 001 ~ 00000001 n 0000 | " + Leaked.ToUpperInvariant() + "  \n");
        File.WriteAllText(folder.File("wordnet/data.verb"), "00000001 38 v 01 flow 0 000 01 + 01 00 | move as water does  \n");
        File.WriteAllText(folder.File("wordnet/data.adj"), Licence +
            "00000001 00 a 01 wet(p) 0 001 ! 00000002 a 0101 | with water on it  \n00000002 00 s 01 dry 0 001 & 00000001 a 0000 | without water  \n");
        File.WriteAllText(folder.File("wordnet/data.adv"), Licence);
    }

    private static void WriteCorpus(TemporaryFolder folder, string name, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        using var writer = new StreamWriter(new GZipStream(File.Create(folder.File(name)), CompressionLevel.Fastest));
        foreach (string line in lines)
            writer.Write(line + "\n");
    }
}
