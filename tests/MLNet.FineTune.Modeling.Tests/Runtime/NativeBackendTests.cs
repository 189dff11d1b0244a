using System.Diagnostics;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune.Tests.Runtime;

/// <summary>Loading the native libraries, in processes of their own: each loads once.</summary>
[TestClass]
public sealed class NativeBackendTests
{
    [TestMethod]
    public void ADirectoryThatIsNotThereIsNamed()
    {
        using var folder = new TemporaryFolder();
        string missing = folder.File("no-libtorch");
        (int code, string output) = Run((NativeBackend.DirectoryVariable, missing));
        Assert.AreNotEqual(0, code);
        StringAssert.Contains(output, $"{NativeBackend.DirectoryVariable} names '{missing}', which is not a directory");
    }

    [TestMethod]
    public void ADirectoryWithoutLibTorchIsNamed()
    {
        using var folder = new TemporaryFolder();
        (int code, string output) = Run((NativeBackend.DirectoryVariable, folder.Path));
        Assert.AreNotEqual(0, code);
        StringAssert.Contains(output, $"'{folder.Path}' holds no ");
        StringAssert.Contains(output, $"libtorch {TorchVersion.LibTorch}");
    }

    /// <summary>The directory of the packaged libtorch serves as any other would.</summary>
    [TestMethod]
    public void AnotherDirectoryIsLoaded()
    {
        if (ElfVersionRequirementTests.Library() is not { } library)
        {
            Assert.Inconclusive("Skipped: there is no libLibTorchSharp.so beside the tests.");
            return;
        }
        (int code, string output) = Run((NativeBackend.DirectoryVariable, Path.GetDirectoryName(library)!));
        Assert.AreEqual(0, code, output);
        StringAssert.Contains(output, $"libtorch from {NativeBackend.DirectoryVariable}=");
    }

    [TestMethod]
    public void ManyProcessesThatStartAtOnceShareOneCache()
    {
        using var folder = new TemporaryFolder();
        Task<(int Code, string Output)>[] runs = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => Run(("XDG_CACHE_HOME", folder.Path))))];
        foreach ((int code, string output) in Task.WhenAll(runs).Result)
        {
            Assert.AreEqual(0, code, output);
            StringAssert.Contains(output, NativeBackend.Description);
        }
        bool patched = NativeBackend.Description.Contains("weakened", StringComparison.Ordinal);
        Assert.HasCount(patched ? 1 : 0, Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [TestMethod]
    public void ACacheThatCannotBeWrittenSaysWhatToSet()
    {
        if (!NativeBackend.Description.Contains("weakened", StringComparison.Ordinal))
            Assert.Inconclusive("Skipped: the libraries load here as they are, without a cache.");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("file"), "");
        (int code, string output) = Run(("XDG_CACHE_HOME", folder.File("file")));
        Assert.AreNotEqual(0, code);
        StringAssert.Contains(output, folder.File("file"));
        StringAssert.Contains(output, "set XDG_CACHE_HOME");
    }

    private static (int Code, string Output) Run(params (string Name, string Value)[] environment)
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(NativeBackendTests).Assembly.Location);
        start.Environment.Remove(NativeBackend.DirectoryVariable);
        start.Environment[LoadingChild.Variable] = "1";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, output + errors.Result);
    }
}
