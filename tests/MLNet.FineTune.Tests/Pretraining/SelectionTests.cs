using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

/// <summary>The nearest texts of a domain, against a search that compares each pair on its own.</summary>
[TestClass]
public sealed class SelectionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(7);

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(1, 1000)]
    [DataRow(3, 7)]
    [DataRow(5, 64)]
    [DataRow(500, 16)]
    public void Neighbours_are_those_of_brute_force(int count, int rowsPerBlock)
    {
        string[] queries = [.. Tiny.Make(15, seed: 3).Select(row => row.Text!)];
        // Duplicates, texts that are queries too, and empty ones among them.
        string[] candidates = [.. Tiny.Make(120, seed: 4).Select(row => row.Text!), queries[0], "", " ", .. Tiny.Make(20, seed: 4).Select(row => row.Text!)];
        using TextEmbedder embedder = TextEmbedder.Create(ToyTexts.Encoder(_folder), Precision.Float32, CPU);
        using var search = new NearestTexts(embedder, CPU, queries, count, () => { });
        SelectedRows found = search.Search(candidates, rowsPerBlock);

        double[][] left = [.. queries.Distinct().Select(text => Embed(embedder, text))];
        var right = candidates.Select((text, row) => (text, row)).Where(c => !string.IsNullOrWhiteSpace(c.text) && !queries.Contains(c.text)).DistinctBy(c => c.text)
            .Select(c => (c.row, vector: Embed(embedder, c.text))).ToArray();
        var expected = new SortedDictionary<long, double>();
        foreach (double[] query in left)
            foreach ((double similarity, int row) in right.Select(c => (similarity: Dot(query, c.vector), c.row)).OrderByDescending(c => c.similarity).ThenBy(c => c.row).Take(count))
                expected[row] = Math.Max(similarity, expected.GetValueOrDefault(row, -1));
        CollectionAssert.AreEqual(expected.Keys.ToArray(), found.Rows);
        for (int i = 0; i < found.Rows.Length; i++)
            Assert.AreEqual(expected[found.Rows[i]], found.Similarities[i], 1e-5);
    }

    /// <summary>Equally near texts are taken in the order of their rows, wherever blocks end; a text that comes again is not taken again.</summary>
    [TestMethod]
    public void Ties_go_to_the_first()
    {
        var list = new NeighborList(3);
        foreach ((long row, float similarity, ulong text) in new (long, float, ulong)[] { (0, 0.5f, 1), (1, 0.9f, 2), (2, 0.5f, 3), (3, 0.5f, 4), (4, 0.9f, 2), (5, 0.9f, 5), (6, 0.5f, 1), (7, float.NaN, 9) })
            list.Add(new Neighbor(row, similarity, text));
        CollectionAssert.AreEqual(new long[] { 1, 5, 0 }, list.Neighbors.Select(neighbor => neighbor.Row).ToArray());
    }

    [TestMethod]
    public void A_block_at_a_time_is_read()
    {
        using TextEmbedder embedder = TextEmbedder.Create(ToyTexts.Encoder(_folder), Precision.Float32, CPU);
        int read = 0, readAtFirstPoll = 0;
        using var search = new NearestTexts(embedder, CPU, ["money back"], 2, () => readAtFirstPoll = readAtFirstPoll == 0 ? read : readAtFirstPoll);
        search.Search(ToyTexts.Make(100, 1).Select(text =>
        {
            read++;
            return text;
        }), rowsPerBlock: 10);
        Assert.AreEqual(100, read);
        Assert.AreEqual(10, readAtFirstPoll);
    }

    [TestMethod]
    public void No_tensor_is_left()
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        LiveTensors.NoneLeft(() => Assert.HasCount(2, Rows(_ml.FineTuning().SelectNearestTexts(Domain(), Task("money back"), encoder, neighborCount: 2))));
    }

    /// <summary>The selected rows keep all columns and their order; the view is read once to search, and once by each cursor on the result.</summary>
    [TestMethod]
    public void The_result_is_the_view_with_fewer_rows()
    {
        var domain = new CountingView(Domain());
        IDataView selected = _ml.FineTuning().SelectNearestTexts(domain, Task("money back parcel late", null), ToyTexts.Encoder(_folder), neighborCount: 3);
        Assert.AreEqual(1, domain.Opened);
        CollectionAssert.AreEqual(new[] { "Text", "Document", "Heading", "Source", "Number", "Similarity" }, selected.Schema.Select(column => column.Name).ToArray());
        SelectedRow[] rows = Rows(selected);
        Assert.AreEqual(2, domain.Opened);
        Assert.AreEqual(2, domain.Disposed);
        Assert.HasCount(3, rows);
        Assert.AreEqual(3, selected.GetRowCount());
        CollectionAssert.AreEqual(rows.OrderBy(row => row.Number).ToArray(), rows);
        foreach (SelectedRow row in rows)
        {
            Assert.AreEqual(DomainTexts[(int)row.Number], row.Text);
            Assert.IsTrue(row.Similarity is > -1.001f and < 1.001f);
        }
        // Columns that nobody asks for are not read.
        CollectionAssert.AreEqual(rows.Select(row => row.Similarity).ToArray(), selected.GetColumn<float>("Similarity").ToArray());
    }

    [TestMethod]
    public void A_random_sample_is_of_the_size_asked_for_and_uniform()
    {
        string[] texts = [.. Enumerable.Range(0, 20).Select(i => $"text {i}"), "", "text 3"];
        var drawn = new int[texts.Length];
        const int Draws = 2000;
        for (int seed = 0; seed < Draws; seed++)
        {
            SelectedRows rows = RandomTexts.Draw(texts, new HashSet<string> { "text 7", "text 3" }, 6, seed);
            Assert.HasCount(6, rows.Rows);
            foreach (long row in rows.Rows)
                drawn[row]++;
        }
        Assert.AreEqual(0, drawn[3] + drawn[7] + drawn[20] + drawn[21]);
        // Binomial with p = 6/18: four standard deviations.
        foreach (int row in Enumerable.Range(0, 20).Except([3, 7]))
            Assert.AreEqual(Draws / 3.0, drawn[row], 4 * Math.Sqrt(Draws * 2 / 9.0), $"row {row}");
        CollectionAssert.AreEqual(RandomTexts.Draw(texts, new HashSet<string>(), 6, 1).Rows, RandomTexts.Draw(texts, new HashSet<string>(), 6, 1).Rows);
        Assert.HasCount(20, RandomTexts.Draw(texts, new HashSet<string>(), 100, 1).Rows, "each text once");
    }

    [TestMethod]
    public void A_view_that_has_shrunk_since_is_an_error()
    {
        int rows = 6;
        IEnumerable<CorpusRow> Shrinking()
        {
            foreach (string text in DomainTexts.Take(rows))
                yield return new CorpusRow { Text = text };
        }
        IDataView selected = _ml.FineTuning().SelectNearestTexts(_ml.Data.LoadFromEnumerable(Shrinking()), Task("tracking please help"), ToyTexts.Encoder(_folder), neighborCount: 6);
        rows = 2;
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => selected.GetColumn<float>("Similarity").ToArray());
        StringAssert.Contains(e.Message, "ended after 2 rows");
    }

    private static readonly string[] DomainTexts = ["money back parcel", "tracking please help money", "password account", "account courier refund locked", "please help money back", "late password account courier"];

    private IDataView Domain() => _ml.Data.LoadFromEnumerable(DomainTexts.Select((text, i) => new CorpusRow { Text = text, Number = i }).ToArray());

    private IDataView Task(params string?[] texts) => ToyTexts.View(_ml, texts);

    private SelectedRow[] Rows(IDataView view) => [.. _ml.Data.CreateEnumerable<SelectedRow>(view, reuseRowObject: false)];

    private static double[] Embed(TextEmbedder embedder, string text)
    {
        var vector = new float[embedder.Dimension];
        embedder.Embed([new TextInput(text)], vector);
        double length = Math.Sqrt(vector.Sum(value => (double)value * value));
        return [.. vector.Select(value => value / length)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private sealed class SelectedRow
    {
        public string Text { get; set; } = "";

        public float Number { get; set; }

        public float Similarity { get; set; }
    }
}
