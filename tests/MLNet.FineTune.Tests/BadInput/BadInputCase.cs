using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>A mistake a user makes, or an accident that happens to one, and what the library says to it.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Exception">The documented exception.</param>
/// <param name="Act">Does it.</param>
/// <param name="Says">What the message must name: the column, file, tensor or option; what was found; what is expected.</param>
internal sealed record BadInputCase(string Name, Type Exception, Action<Workplace> Act, params string[] Says);

/// <summary>Where a case takes place: a context, a folder for what the case prepares, and one for all that the library may write.</summary>
internal sealed class Workplace : IDisposable
{
    private readonly TemporaryFolder _given = new();
    private readonly TemporaryFolder _written = new();

    public Workplace()
    {
        Directory.CreateDirectory(Written("temp"));
        Ml = new MLContext(7) { TempFilePath = Written("temp") };
    }

    public MLContext Ml { get; }

    /// <summary>Files the library has written and left, ML.NET's temporary ones included.</summary>
    public IEnumerable<string> Left => Directory.EnumerateFileSystemEntries(_written.Path, "*", SearchOption.AllDirectories).Where(path => !Directory.Exists(path) || Directory.GetParent(path)!.Name == "temp");

    public string Given(string name) => _given.File(name);

    public string Written(string name) => _written.File(name);

    /// <summary>Options that would train if nothing were wrong, with checkpoints to leave behind.</summary>
    public TextClassificationOptions Options(Action<TextClassificationOptions>? change = null)
    {
        TextClassificationOptions options = Tiny.Options("lora", epochs: 1);
        options.Training.CheckpointDirectory = Written("checkpoints");
        change?.Invoke(options);
        return options;
    }

    /// <summary>Makes the trainer, which must not fail before data is seen, and fits it.</summary>
    public void Fit(Action<TextClassificationOptions>? change = null, IDataView? data = null)
    {
        MulticlassFineTuneTrainer trainer = Ml.MulticlassClassification.Trainers.FineTune(Options(change));
        Throwing(() => trainer.Fit(data ?? Data()).Dispose());
    }

    /// <inheritdoc cref="Fit"/>
    public void FitBinary(Action<TextClassificationOptions>? change = null, IDataView? data = null)
    {
        BinaryFineTuneTrainer trainer = Ml.BinaryClassification.Trainers.FineTune(Options(change));
        Throwing(() => trainer.Fit(data ?? Data()).Dispose());
    }

    /// <summary>Twenty rows with a key <c>Label</c>.</summary>
    /// <param name="edit">Changes every row.</param>
    /// <param name="where">Leaves rows out before the labels are mapped.</param>
    /// <param name="keyOf">Rows that the key is made of; null for the rows themselves.</param>
    public IDataView Data(Action<Row>? edit = null, Func<Row, bool>? where = null, IEnumerable<Row>? keyOf = null)
    {
        List<Row> rows = [.. Rows.Make(20).Where(where ?? (_ => true))];
        rows.ForEach(edit ?? (_ => { }));
        IDataView data = Ml.Data.LoadFromEnumerable(rows);
        return Ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(keyOf is null ? data : Ml.Data.LoadFromEnumerable(keyOf)).Transform(data);
    }

    /// <summary>A saved model whose zip is changed.</summary>
    public string Model(Func<byte[], byte[]>? change = null)
    {
        byte[] zip = SavedModel.Value;
        File.WriteAllBytes(Given("model.zip"), change is null ? zip : change(zip));
        return Given("model.zip");
    }

    public void Load(string path) => Throwing(() => ((IDisposable)Ml.FineTuning().LoadModel(path, out _)).Dispose());

    public void Dispose()
    {
        _given.Dispose();
        _written.Dispose();
    }

    /// <summary>Tells an exception of the step that is to fail from one of the preparation.</summary>
    public static void Throwing(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            throw new Expected(e);
        }
    }

    private static Lazy<byte[]> SavedModel { get; } = new(() =>
    {
        var ml = new MLContext(7);
        using var model = Tiny.Fit(ml, Tiny.Options("lora", epochs: 1));
        using var stream = new MemoryStream();
        ml.Model.Save(model, null, stream);
        return stream.ToArray();
    });

    /// <summary>Carries the exception of the step that was to fail.</summary>
    internal sealed class Expected(Exception cause) : Exception(cause.Message, cause);
}
