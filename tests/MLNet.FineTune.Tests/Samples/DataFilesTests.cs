using QuickStart;

namespace MLNet.FineTune.Tests.Samples;

/// <summary>What the QuickStart sample says of data files that are not as it expects.</summary>
[TestClass]
public sealed class DataFilesTests
{
    private const string Header = "text\tlabel\n";
    private const string Good = Header + "hello\ta\nhi\ta\nbye\tb\r\nsee you\tb";

    [TestMethod]
    public void CountsRowsAndLabels()
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(new DataSummary(4, 1, 2), DataFiles.Check(Write(folder, "train.tsv", Good), Write(folder, "test.tsv", Header + "so long\tb\n")));
    }

    [TestMethod]
    [DataRow("hello\ta\n", "line 1: the header is 'hello<TAB>a'; expected 'text<TAB>label'")]
    [DataRow("", "no rows")]
    [DataRow(Header, "no rows")]
    [DataRow(Header + "hello\ta\nhello you\n", "line 3: expected a text and a label with one tab between them; found 1 field: 'hello you'")]
    [DataRow(Header + "hello\tyou\ta\n", "line 2: expected a text and a label with one tab between them; found 3 fields")]
    [DataRow(Header + "hello\ta\n\n", "line 3")]
    [DataRow(Header + " \ta\n", "line 2")]
    [DataRow(Header + "hello\t\n", "line 2")]
    [DataRow(Header + "// hello\ta\n", "line 2: ML.NET's text loader takes a line that starts with // for a comment")]
    public void WrongFilesAreNamedWithTheLine(string contents, string expected)
    {
        using var folder = new TemporaryFolder();
        string good = Write(folder, "good.tsv", Good), bad = Write(folder, "bad.tsv", contents);
        foreach ((string train, string test) in new[] { (bad, good), (good, bad) })
        {
            InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(() => DataFiles.Check(train, test));
            Assert.StartsWith(bad, error.Message);
            Assert.Contains(expected, error.Message);
        }
    }

    [TestMethod]
    public void ALabelNeedsTwoRowsToLearnAndToValidate()
    {
        using var folder = new TemporaryFolder();
        string train = Write(folder, "train.tsv", Good + "\nmorning\tc\n");
        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(() => DataFiles.Check(train, train));
        Assert.Contains("the label 'c' has a single row", error.Message);
    }

    [TestMethod]
    public void TextsComeFromAllOverTheFile()
    {
        using var folder = new TemporaryFolder();
        string file = Write(folder, "nine.tsv", Header + string.Concat(Enumerable.Range(0, 9).Select(i => $"text {i}\ta\n")));
        CollectionAssert.AreEqual(new[] { "text 1", "text 4", "text 7" }, DataFiles.Texts(file, 3).ToArray());
        CollectionAssert.AreEqual(new[] { "hello", "hi", "bye", "see you" }, DataFiles.Texts(Write(folder, "four.tsv", Good), 10).ToArray());
    }

    private static string Write(TemporaryFolder folder, string name, string contents)
    {
        File.WriteAllText(folder.File(name), contents);
        return folder.File(name);
    }
}
