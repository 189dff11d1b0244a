namespace MLNet.FineTune.Tests;

/// <summary>Files that lie beside the repository (<c>../shared</c>): real data and reference outputs that are not part of it.</summary>
internal static class SharedData
{
    /// <summary>The folder that holds <c>MLNet.FineTune.sln</c>.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The path of a file or folder below <c>../shared</c>; ends the test as skipped (inconclusive) when it is absent.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([RepositoryRoot, "..", "shared", .. parts]);
        if (!Path.Exists(path))
            Assert.Inconclusive($"Skipped: needs {Path.GetFullPath(path)}, which is not there.");
        return Path.GetFullPath(path);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MLNet.FineTune.sln")))
                return folder.FullName;
        throw new InvalidOperationException("MLNet.FineTune.sln is in no folder above the tests.");
    }
}
