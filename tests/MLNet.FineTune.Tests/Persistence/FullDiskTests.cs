using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Persistence;

/// <summary>A disk that is full while a model is saved: nothing half-written stays, and the message says why.</summary>
[TestClass]
public sealed partial class FullDiskTests
{
    public const string SaveVerb = "save-with-limit";

    private const int FileSizeLimit = 1; // RLIMIT_FSIZE
    private const int FileTooLargeSignal = 25; // SIGXFSZ
    private const nint Ignore = 1; // SIG_IGN

    private static readonly double[] Limits = [0, 0.02, 0.5, 0.9, 0.999];

    /// <summary>
    /// The operating system refuses to let files grow beyond a limit, which is to a program what a full disk is. It is set in a
    /// process of its own, at points from the first byte to the zip's directory, which comes last.
    /// </summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task A_file_that_cannot_grow_leaves_the_older_model()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(7);
        using var model = Tiny.Fit(ml, Tiny.Options(epochs: 1));
        ml.Model.Save(model, null, folder.File("model.zip"));
        byte[] older = File.ReadAllBytes(folder.File("model.zip"));
        string output = await ChildProcess.RunAsync(SaveVerb, folder.File("model.zip"));
        string[] messages = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(Limits.Length, messages, output);
        foreach (string message in messages)
            StringAssert.StartsWith(message, $"IOException: The model '{folder.File("model.zip")}' could not be written");
        CollectionAssert.AreEqual(older, File.ReadAllBytes(folder.File("model.zip")));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    /// <summary>Wherever a stream of the caller's fails, the failure reaches the caller.</summary>
    [TestMethod]
    public void A_stream_that_fails_at_any_point_is_reported()
    {
        var ml = new MLContext(7);
        using var model = Tiny.Fit(ml, Tiny.Options("lora", epochs: 1));
        using var whole = new MemoryStream();
        ml.Model.Save(model, null, whole);
        for (int i = 0; i < 12; i++)
        {
            long limit = whole.Length * i / 13;
            using var stream = new LimitedStream(limit);
            Assert.IsTrue(Throws<IOException>(() => ml.Model.Save(model, null, stream), "No space left") || !IsModel(ml, stream), $"a stream that ends at {limit} of {whole.Length} bytes");
        }
    }

    [TestMethod]
    public void Folders_that_cannot_be_written_are_named()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(7);
        using var model = Tiny.Fit(ml, Tiny.Options("head", epochs: 1));
        File.WriteAllText(folder.File("file"), "");
        foreach (string path in (string[])[folder.File("absent/model.zip"), folder.File("file/model.zip")])
        {
            IOException e = Assert.Throws<IOException>(() => ml.FineTuning().SaveModel(model, null, path));
            StringAssert.Contains(e.Message, Path.GetDirectoryName(path)!);
        }
        // A name that is a folder: the temporary file beside it is written and must go.
        Assert.Throws<Exception>(() => ml.FineTuning().SaveModel(model, null, folder.Path));
        CollectionAssert.AreEqual(new[] { folder.File("file") }, Directory.GetFileSystemEntries(folder.Path));
        Assert.IsEmpty(Directory.GetFiles(Path.GetDirectoryName(folder.Path)!, Path.GetFileName(folder.Path) + ".*"));
    }

    /// <summary>The other process.</summary>
    public static void SaveInChild(string path)
    {
        var ml = new MLContext();
        ITransformer model = ml.Model.Load(path, out _);
        ml.FineTuning().SaveModel(model, null, path + ".probe"); // all code is compiled before the limit is set
        File.Delete(path + ".probe");
        Signal(FileTooLargeSignal, Ignore);
        long length = new FileInfo(path).Length;
        foreach (double part in Limits)
        {
            var limits = new Limit { Soft = (ulong)(part * length), Hard = ulong.MaxValue };
            if (SetLimit(FileSizeLimit, ref limits) != 0)
                throw new InvalidOperationException("The file size cannot be limited.");
            string message = "saved";
            try
            {
                ml.FineTuning().SaveModel(model, null, path);
            }
            catch (Exception e)
            {
                message = $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
            }
            limits.Soft = ulong.MaxValue;
            _ = SetLimit(FileSizeLimit, ref limits);
            Console.Out.Write(message + "\n");
        }
    }

    private static bool Throws<T>(Action action, string says) where T : Exception
    {
        try
        {
            action();
            return false;
        }
        catch (T e)
        {
            return e.Message.Contains(says, StringComparison.Ordinal);
        }
    }

    private static bool IsModel(MLContext ml, MemoryStream stream)
    {
        try
        {
            ((IDisposable)ml.Model.Load(new MemoryStream(stream.ToArray()), out _)).Dispose();
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ref Limit limit);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int number, nint handler);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    private sealed class LimitedStream(long limit) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Check(buffer.Length);
            base.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Check(count);
            base.Write(buffer, offset, count);
        }

        public override void WriteByte(byte value)
        {
            Check(1);
            base.WriteByte(value);
        }

        private void Check(int count)
        {
            if (Position + count > limit)
                throw new IOException("No space left on device");
        }
    }
}
