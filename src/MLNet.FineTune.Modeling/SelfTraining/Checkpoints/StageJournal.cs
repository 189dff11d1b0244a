using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>
/// Writes down what each stage of a self-training gave, so that an interrupted one goes on exactly. A method runs through its stages once more, in the same order:
/// those written down give again what they gave, without work, and the first one that is not begins from the model, the random generator and the rest of the state as they were then.
/// </summary>
/// <remarks>
/// In a folder of its own, <c>self-training</c>, lie <c>journal.safetensors</c>, which names the stages that are done and decides alone what counts; the model after them; pseudo-labels, a file
/// each; and below <c>stage-N.M</c> the checkpoint of the training that is under way. A finished run leaves all but the last: started again, it gives its model at once. Stages within a stage are part of it.
/// </remarks>
internal sealed class StageJournal
{
    private const string FolderName = "self-training", JournalName = "journal";
    private const string FingerprintEntry = "fingerprint", StagesEntry = "stages", ModelEntry = "model";

    // A validation metric may be NaN.
    public static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly string? _folder;
    private readonly FileCheckpointStore? _journal;
    private readonly bool _resume;
    private readonly List<Stage> _stages = [];
    private IReadOnlyDictionary<string, string> _fingerprint = new Dictionary<string, string>();
    private IStagedState? _state;
    private StateBag? _found;
    private string _model = "";
    private bool _modelChanged, _unsaved;
    private int _next, _depth, _trainings;

    private sealed record Stage(string Kind, string Result);

    /// <param name="folder">The folder for checkpoints; null for a run that is not written down.</param>
    /// <param name="resume">Whether what is found there is gone on from; else it is deleted when the run begins.</param>
    /// <exception cref="IOException">The path is a file's.</exception>
    public StageJournal(string? folder, bool resume)
    {
        _resume = resume;
        if (folder is null)
            return;
        _ = new FileCheckpointStore(folder); // says so where the path is a file's
        _folder = Path.Combine(folder, FolderName);
        _journal = Store(JournalName);
    }

    /// <summary>Whether the stages that come now are only read again, so that the model is not what they made of it.</summary>
    public bool Replaying => _depth == 0 && _found is not null && _next < _stages.Count;

    /// <summary>Reads what is there, or begins a journal.</summary>
    /// <param name="describe">Gives all that decides the result.</param>
    /// <param name="state">What the stages change.</param>
    /// <returns>How many stages are done.</returns>
    /// <exception cref="InvalidDataException">What is there is damaged, or of another run.</exception>
    public int Open(Func<IReadOnlyDictionary<string, string>> describe, IStagedState state)
    {
        if (_journal is null)
            return 0;
        (_fingerprint, _state) = (describe(), state);
        Clear(all: !_resume);
        using DisposeScope scope = NewDisposeScope();
        if (Readable(_journal.Load) is not { } found)
        {
            Save();
            return 0;
        }
        TrainingFingerprint.RequireEqual(Readable(() => JsonSerializer.Deserialize<Dictionary<string, string>>(found.Value(FingerprintEntry))) ?? [], _fingerprint, _journal.Location);
        _stages.AddRange(Readable(() => JsonSerializer.Deserialize<Stage[]>(found.Value(StagesEntry))) ?? []);
        _model = Readable(() => found.Value(ModelEntry));
        foreach (Tensor tensor in found.Tensors.Values)
            tensor.DetachFromDisposeScope();
        _found = found;
        return _stages.Count;
    }

    /// <summary>A stage that changes the model, and gives a value that JSON can hold.</summary>
    public T Change<T>(string kind, Func<T> work) => Read<T>(Run(kind, _ =>
    {
        T value = work();
        _modelChanged = true;
        return Write(value);
    }, durable: true));

    /// <summary>A stage of little work that gives a value; when it is cut off it is repeated.</summary>
    public T Value<T>(string kind, Func<T> work) => Read<T>(Run(kind, _ => Write(work()), durable: false));

    /// <summary>A stage that gives pseudo-labels.</summary>
    public PseudoLabels Labels(string kind, Func<PseudoLabels> work)
    {
        if (_journal is null || _depth > 0)
            return work();
        PseudoLabels? labels = null;
        string name = Run(kind, stage =>
        {
            labels = work();
            string file = string.Create(CultureInfo.InvariantCulture, $"labels-{stage}");
            using DisposeScope scope = NewDisposeScope();
            Store(file).Save(labels.ToState());
            return file;
        }, durable: true);
        if (labels is not null)
            return labels;
        using DisposeScope reading = NewDisposeScope();
        return Readable(() => PseudoLabels.FromState(Store(name).Load() ?? throw new InvalidDataException($"The file '{Store(name).Location}' is absent.")));
    }

    /// <summary>To be called before the model is used or changed outside of a stage, when none is read again: it is then as the last stage left it.</summary>
    public void Restore()
    {
        if (_found is null || _next < _stages.Count)
            return;
        StateBag found = _found;
        _found = null;
        using DisposeScope scope = NewDisposeScope();
        StateBag? model = _model.Length == 0 ? null : Readable(() => Store(_model).Load() ?? throw new InvalidDataException($"The file '{Store(_model).Location}' is absent."));
        if (_stages.Count > 0)
            Readable(() =>
            {
                _state!.LoadState(found.Part("state"), model);
                return true;
            });
        foreach (Tensor tensor in found.Tensors.Values)
            tensor.Dispose();
    }

    /// <summary>To be called when the model, or the best one, has changed outside of a stage.</summary>
    public void ModelChanged() => _modelChanged = true;

    /// <summary>Where the training that now begins, within a stage, keeps its checkpoint; null where none is kept.</summary>
    public ICheckpointStore? TrainingStore() => _folder is null ? null
        : new KeptCheckpoint(new FileCheckpointStore(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"stage-{_next}.{_trainings++}"))));

    /// <summary>Writes down the end of the run.</summary>
    public void Finish()
    {
        Restore();
        if (_journal is not null && _unsaved)
            Save();
    }

    private string Run(string kind, Func<int, string> work, bool durable)
    {
        if (_journal is null || _depth > 0)
            return work(_next);
        if (Replaying)
        {
            Stage stage = _stages[_next];
            if (stage.Kind != kind)
                throw new InvalidDataException(Damage($"Its stage {_next + 1} is '{stage.Kind}', where this run has '{kind}'."));
            _next++;
            return stage.Result;
        }
        Restore();
        (_depth, _trainings) = (1, 0);
        string result;
        try
        {
            result = work(_next);
        }
        finally
        {
            _depth = 0;
        }
        _stages.Add(new Stage(kind, result));
        _next++;
        _unsaved = true;
        if (durable)
            Save();
        return result;
    }

    /// <summary>The model first, then the journal that names it: whoever is interrupted between leaves the old journal and its model.</summary>
    private void Save()
    {
        using DisposeScope scope = NewDisposeScope();
        string before = _model;
        if (_modelChanged)
        {
            var model = new StateBag();
            _state!.SaveModel(model);
            _model = string.Create(CultureInfo.InvariantCulture, $"model-{_stages.Count}");
            Store(_model).Save(model);
        }
        var journal = new StateBag();
        journal.Values.Add(FingerprintEntry, JsonSerializer.Serialize(_fingerprint));
        journal.Values.Add(StagesEntry, JsonSerializer.Serialize(_stages, Json));
        journal.Values.Add(ModelEntry, _model);
        var state = new StateBag();
        _state!.SaveState(state);
        journal.Add("state", state);
        _journal!.Save(journal);
        (_modelChanged, _unsaved) = (false, false);
        if (before.Length > 0 && before != _model)
            Store(before).Delete();
        foreach (string training in Directory.EnumerateDirectories(_folder!))
            Directory.Delete(training, recursive: true);
    }

    /// <summary>Deletes everything, or what a process left behind that was killed while it wrote.</summary>
    private void Clear(bool all)
    {
        if (!Directory.Exists(_folder))
            return;
        if (all)
            _journal!.Delete(); // first: without it the rest does not count
        foreach (string file in Directory.EnumerateFiles(_folder, all ? "*" : ".*"))
            File.Delete(file);
        foreach (string training in all ? Directory.EnumerateDirectories(_folder) : [])
            Directory.Delete(training, recursive: true);
    }

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, Json);

    private static T Read<T>(string result) => JsonSerializer.Deserialize<T>(result, Json)!;

    private FileCheckpointStore Store(string name) => new(_folder!, $"{name}.safetensors");

    private T Readable<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or FormatException)
        {
            throw new InvalidDataException(Damage(e.Message), e);
        }
    }

    private string Damage(string what) =>
        $"The self-training checkpoint '{_journal!.Location}' cannot be used: {what} Delete the folder, or set {nameof(TrainingOptions.ResumeFromCheckpoint)} = false to start anew.";
}
