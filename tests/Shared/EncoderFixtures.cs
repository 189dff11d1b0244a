namespace MLNet.FineTune.Tests;

/// <summary>Reference models and their outputs, from <c>FINETUNE_FIXTURES</c> when it is set, else <c>../shared/fixtures</c>.</summary>
internal static class EncoderFixtures
{
    /// <summary>Every family there is, for data-driven tests; the built-in list where the folder is absent, so that the tests show as skipped.</summary>
    public static IEnumerable<string> Families() => Directory.Exists(Root)
        ? Directory.GetDirectories(Root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)
        : ["bert", "roberta", "xlm-roberta", "distilbert", "mpnet", "electra", "albert", "deberta-v2"];

    /// <summary>The folder of a family, or of one of its tasks; ends the test as skipped when it is absent.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([Root, .. parts]);
        if (!Path.Exists(path))
            Assert.Inconclusive($"Skipped: needs {path}, which is not there.");
        return path;
    }

    private static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        string root = Environment.GetEnvironmentVariable("FINETUNE_FIXTURES") is { Length: > 0 } given
            ? given
            : Path.Combine(SharedData.RepositoryRoot, "..", "shared", "fixtures");
        root = Path.GetFullPath(root);
        return Directory.Exists(Path.Combine(root, "encoders")) ? Path.Combine(root, "encoders") : root;
    }
}
