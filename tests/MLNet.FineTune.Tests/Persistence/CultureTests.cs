using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Persistence;

/// <summary>Neither what is learnt nor what is saved depends on how the user's country writes numbers and letters.</summary>
[TestClass]
public sealed class CultureTests
{
    [TestMethod]
    public void A_model_of_one_culture_is_that_of_another()
    {
        using var folder = new TemporaryFolder();
        string[] here = Fit(folder.File("here.zip")), there = Abroad(() => Fit(folder.File("there.zip")));
        CollectionAssert.AreEqual(here, there);
        CollectionAssert.AreEqual(here, Load(folder.File("there.zip")));
        CollectionAssert.AreEqual(here, Abroad(() => Load(folder.File("here.zip"))));
    }

    private static string[] Fit(string path)
    {
        var ml = new MLContext(3);
        TextClassificationOptions options = Tiny.Options("lora", epochs: 2);
        options.Training.ValidationFraction = 0.25;
        options.Training.EarlyStoppingPatience = 2;
        options.Training.CheckpointDirectory = Path.ChangeExtension(path, ".checkpoints");
        options.Training.TensorBoardDirectory = Path.ChangeExtension(path, ".runs");
        ITransformer model = Tiny.FitChain(ml, options);
        IDataView data = ml.Data.LoadFromEnumerable(Rows.Make(12));
        ml.FineTuning().SaveModel(model, data.Schema, path);
        return Scores(model, data);
    }

    private static string[] Load(string path)
    {
        var ml = new MLContext();
        return Scores(ml.FineTuning().LoadModel(path, out _), ml.Data.LoadFromEnumerable(Rows.Make(12)));
    }

    private static string[] Scores(ITransformer model, IDataView data)
    {
        IDataView scored = model.Transform(data);
        return [.. scored.GetColumn<float[]>("Score").Select(row => string.Join(' ', row.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))).Concat(scored.GetColumn<string>("PredictedIntent"))];
    }

    /// <summary>With the comma of de-DE and the minus of sv-SE: the tests run without the data of real cultures.</summary>
    private static T Abroad<T>(Func<T> action)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var strange = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (strange.NumberFormat.NumberDecimalSeparator, strange.NumberFormat.NumberGroupSeparator, strange.NumberFormat.NegativeSign) = (",", ".", "\u2212");
        CultureInfo.CurrentCulture = strange;
        try
        {
            return action();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
