using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Tests.Fakes;

namespace MLNet.FineTune.Tests.Persistence;

/// <summary>A zip loads in a process in which nothing was registered with ML.NET: it finds our assembly from the zip.</summary>
[TestClass]
public sealed class FreshProcessTests
{
    private const string ModelVariable = "MLNET_FINETUNE_TEST_LOAD_MODEL";

    [TestMethod]
    public async Task A_saved_model_scores_the_same_in_another_process()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(7);
        using var model = Rows.Transformer(ml, BagOfWordsClassifier.Random(3));
        IDataView data = ml.Data.LoadFromEnumerable(Rows.Make(20));
        ml.Model.Save(model, data.Schema, folder.File("model.zip"));

        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "MLNet.FineTune.Tests.exe" : "MLNet.FineTune.Tests"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [ModelVariable] = folder.File("model.zip") },
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await error);
        Assert.AreEqual(Scores(model, data), output);
    }

    /// <summary>The other process: this executable, which loads the model and ends before any test runner starts.</summary>
    [ModuleInitializer]
    internal static void LoadModelAndExit()
    {
        if (Environment.GetEnvironmentVariable(ModelVariable) is not { Length: > 0 } path)
            return;
        int code = 1;
        try
        {
            ClassifierFormats.Register(new BagOfWordsFormat());
            var ml = new MLContext();
            ITransformer model = ml.Model.Load(path, out DataViewSchema _);
            Console.Out.Write(Scores(model, ml.Data.LoadFromEnumerable(Rows.Make(20))));
            code = 0;
        }
        catch (Exception e)
        {
            Console.Error.Write(e);
        }
        Environment.Exit(code);
    }

    private static string Scores(ITransformer model, IDataView data) => string.Join(
        '\n', model.Transform(data).GetColumn<float[]>("Score").Select(row => string.Join(' ', row.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))));
}
