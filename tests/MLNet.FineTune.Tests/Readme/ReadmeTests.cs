using System.Text.RegularExpressions;

namespace MLNet.FineTune.Tests.Readme;

/// <summary>The code in the README is code that compiles and runs.</summary>
[TestClass]
public sealed partial class ReadmeTests
{
    [TestMethod]
    public void EveryCodeBlockIsASnippetThatRuns()
    {
        string readme = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "README.md"));
        string source = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "tests", "MLNet.FineTune.Tests", "Readme", "Snippets.cs"));
        string[] blocks = [.. CodeBlock().Matches(readme).Select(match => Normalize(match.Groups[1].Value))];
        string[] snippets = [.. Snippet().Matches(source).Select(match => Normalize(match.Groups[1].Value))];

        Assert.IsNotEmpty(blocks);
        foreach (string block in blocks)
            CollectionAssert.Contains(snippets, block, $"This block of the README is no snippet:\n{block}");
        Assert.HasCount(blocks.Length, snippets, "A snippet is not in the README.");
    }

    /// <summary>Without indentation and empty lines at the ends.</summary>
    private static string Normalize(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim())).Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"// snippet (?!end)\w+\n(.*?)// snippet end", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
