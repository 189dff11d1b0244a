using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A parameter that a method trains.</summary>
/// <param name="Name">Ours.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Layer">The physical layer it is in; null outside the layers.</param>
/// <param name="Site">The path of the projection or table it was added to; null elsewhere.</param>
/// <param name="Base">Whether it is the model's own.</param>
internal readonly record struct AdapterParameter(string Name, Parameter Parameter, int? Layer, string? Site = null, bool Base = false);

/// <summary>A method applied to a model: the modules it placed and the base parameters it trains. Several can be on one model; disposing takes one off.</summary>
/// <remarks>Where two that are on at once train the same parameters of the model (the head's, for instance), the later must be switched off first.</remarks>
internal sealed partial class PeftAdapter : IDisposable
{
    /// <summary>How the names of the tensors of the dense layer between encoder and classifier begin.</summary>
    public const string HeadDense = "head.dense.";

    private readonly IReadOnlyList<Placement> _placed;
    private readonly IReadOnlyDictionary<string, IReadOnlySet<string>> _trainedByPart;
    private readonly Dictionary<string, Tensor> _other = [];
    private readonly bool _trainHeadDense;
    private bool _active = true;
    private bool _scoring;
    private int _dropped;
    private bool _disposed;

    private PeftAdapter(TaskModel model, PeftMethod method, PeftContext context, bool trainHeadDense)
    {
        (Model, Method, _placed, _trainedByPart, _trainHeadDense) = (model, method, context.Placed, context.TrainedByPart, trainHeadDense);
        Own = [.. from placed in _placed
                  from module in placed.Modules
                  from parameter in module.named_parameters()
                  select new AdapterParameter($"{placed.Name}.{parameter.name}", parameter.parameter, placed.Site?.Layer, placed.Linear is null && placed.Table is null ? null : placed.Path)];
        State = [.. from placed in _placed from state in placed.Module.State select ($"{placed.Name}.{state.Name}", state.Tensor)];
        var adapted = _placed.Where(placed => placed.Linear is not null).Select(placed => placed.Path + ".").ToArray();
        TrainedBase = [.. from parameter in model.named_parameters()
                          where context.Trained.Contains(parameter.name)
                             || (parameter.name.StartsWith("head.", StringComparison.Ordinal) && (trainHeadDense || !parameter.name.StartsWith(HeadDense, StringComparison.Ordinal))
                                 && !adapted.Any(path => parameter.name.StartsWith(path, StringComparison.Ordinal)))
                          select new AdapterParameter(parameter.name, parameter.parameter, LayerOf(parameter.name), Base: true)];
        FrozenLayers = CountFrozenLayers();
    }

    public TaskModel Model { get; }
    public PeftMethod Method { get; }

    /// <summary>Parameters the method added.</summary>
    public IReadOnlyList<AdapterParameter> Own { get; }

    /// <summary>The model's own parameters that train; the head's among them, except where an adapter sits on it.</summary>
    public IReadOnlyList<AdapterParameter> TrainedBase { get; }

    /// <summary>All that trains.</summary>
    public IEnumerable<AdapterParameter> Trainable => Own.Concat(TrainedBase);

    /// <summary>What trains below the head.</summary>
    public IEnumerable<AdapterParameter> TrainableInEncoder => Trainable.Where(parameter => !parameter.Name.StartsWith("head.", StringComparison.Ordinal));

    /// <summary>Whether more than the head trains.</summary>
    public bool TrainsEncoder => TrainableInEncoder.Any();

    /// <summary>Tensors of the modules that are saved and do not train.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State { get; }

    /// <summary>The modules and where they are.</summary>
    public IReadOnlyList<Placement> Placed => _placed;

    /// <summary>What stands at a projection, in the order it applies.</summary>
    public IReadOnlyList<LinearAdapter> ModulesAt(AdaptableLinear linear) => [.. _placed.Where(placed => placed.Site == linear.Site).Select(placed => (LinearAdapter)placed.AtSite)];

    /// <summary>
    /// How many of the lowest layers, counted as the encoder runs, compute what the bare encoder computes, whatever is trained: −1 where
    /// already the embeddings differ, the encoder's layer count where only the head trains.
    /// </summary>
    public int FrozenLayers { get; }

    /// <summary>Applies a method: freezes the model but for the head, places the method's modules, frees what it trains.</summary>
    /// <param name="model">The model.</param>
    /// <param name="method">The method.</param>
    /// <param name="trainHeadDense">Whether the dense layer of the head trains, as the rest of the head always does.</param>
    /// <exception cref="ArgumentException">An option of the method is out of range, or no projection is its target.</exception>
    public static PeftAdapter Attach(TaskModel model, PeftMethod method, bool trainHeadDense = true)
    {
        method.Validate();
        method = method.For(model.Encoder.Config);
        var context = new PeftContext(model);
        try
        {
            method.Apply(context);
        }
        catch
        {
            foreach (Placement placed in context.Placed)
                placed.Dispose();
            throw;
        }
        var adapter = new PeftAdapter(model, method, context, trainHeadDense);
        foreach (Placement placed in adapter._placed)
            placed.Site?.Place(placed.AtSite);
        adapter.Train(model.training);
        adapter.SelectTrainable();
        if (!method.ReplacesBase)
            adapter.KeepBase();
        return adapter;
    }

    /// <summary>What a part of a union sees of it: its own modules, named as if it were alone. Not to be disposed.</summary>
    /// <param name="method">The part.</param>
    /// <param name="prefix">What the union puts before the part's names.</param>
    public PeftAdapter Part(PeftMethod method, string prefix)
    {
        var context = new PeftContext(Model);
        context.Adopt("", _placed.Where(placed => placed.IsOf(prefix)).Select(placed => placed.Unprefixed(prefix)), _trainedByPart[prefix],
            _trainedByPart.Where(part => part.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(part => part.Key[prefix.Length..], part => part.Value));
        return new PeftAdapter(Model, method, context, _trainHeadDense);
    }

    private void KeepBase()
    {
        using var scope = NewDisposeScope();
        foreach (AdapterParameter parameter in TrainedBase)
            _other[parameter.Name] = parameter.Parameter.detach().clone().DetachFromDisposeScope();
    }

    /// <summary>Lets exactly this adapter's parameters have gradients, among the model's and its own.</summary>
    public void SelectTrainable()
    {
        foreach (Parameter parameter in Model.parameters())
            parameter.requires_grad = false;
        foreach (AdapterParameter parameter in Trainable)
            parameter.Parameter.requires_grad = true;
        Model.WeightsChanged();
    }

    /// <summary>Stops all gradients; scoring then keeps what can be kept.</summary>
    public void Freeze()
    {
        foreach (AdapterParameter parameter in Trainable)
            parameter.Parameter.requires_grad = false;
        Model.WeightsChanged();
    }

    /// <summary>Training or scoring behaviour of the placed modules; some may be left out of scoring.</summary>
    public void Train(bool on)
    {
        foreach (Placement placed in _placed)
            foreach (PeftModule module in placed.Modules)
                module.train(on);
        _scoring = !on;
        Switch(_active && !Merged);
    }

    /// <summary>Switches the modules of the lowest physical layers off, to score faster (AdapterDrop, Rücklé et al. 2020, arXiv 2010.11918); zero switches all on.</summary>
    /// <exception cref="InvalidOperationException">The adapter is merged.</exception>
    public void DropLayers(int lowest)
    {
        if (Merged)
            throw new InvalidOperationException("The adapter is merged into the base weights; unmerge it before dropping layers.");
        _dropped = lowest;
        Switch(_active);
    }

    private void Switch(bool on)
    {
        foreach (Placement placed in _placed)
            placed.Module.Active = on && !(placed.Site?.Layer < _dropped) && !(_scoring && Method.IsDropped(placed));
    }

    /// <summary>Lets its modules apply after those of all other adapters that are at the same places.</summary>
    public void PlaceLast()
    {
        foreach (Placement placed in _placed)
        {
            placed.Site?.Remove(placed.AtSite);
            placed.Site?.Place(placed.AtSite);
        }
    }

    /// <summary>Whether the adapter takes part. Off, the model computes what it computed before the adapter was attached.</summary>
    /// <exception cref="InvalidOperationException">The adapter is merged.</exception>
    public bool Active
    {
        get => _active;
        set
        {
            if (value == _active)
                return;
            if (Merged)
                throw new InvalidOperationException("The adapter is merged into the base weights; unmerge it before switching it.");
            if (Method.ReplacesBase)
                throw new InvalidOperationException($"'{Method.MethodName}' trains the base weights themselves; there is no base left to switch to.");
            _active = value;
            Switch(value);
            SwapBase();
        }
    }

    /// <summary>How many of the numbers that train are there once it is finished, without what only makes others, as a prefix's network does; where training decides, as with AdaLoRA, what it would be now.</summary>
    public long FinishedCount()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Method.FinishedCount(this) + TrainedBase.Sum(parameter => parameter.Parameter.numel());
    }

    /// <summary>
    /// Ends the training: where the method leaves another one behind, a smaller one for instance, that takes the adapter's place.
    /// </summary>
    /// <returns>The adapter to go on with; this one, or its successor once it is disposed.</returns>
    public PeftAdapter Finish()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (Method.Finish(this) is not { } finished)
            return this;
        Dictionary<string, Tensor> values = TrainedBase.ToDictionary(p => p.Name, p => p.Parameter.detach().clone());
        foreach ((string name, Tensor value) in finished.Values)
            values[name] = value.detach().clone();
        TaskModel model = Model;
        bool training = model.training;
        Dispose();
        PeftAdapter successor = Attach(model, finished.Method, _trainHeadDense);
        foreach (AdapterParameter parameter in successor.Trainable)
            parameter.Parameter.copy_(values[parameter.Name]);
        foreach ((string name, Tensor state) in successor.State)
            state.copy_(values[name]);
        successor.Train(training);
        model.WeightsChanged();
        return successor;
    }

    private int CountFrozenLayers()
    {
        EncoderConfig config = Model.Encoder.Config;
        int frozen = config.LayerCount;
        foreach (AdapterParameter parameter in TrainedBase.Where(p => p.Name.StartsWith("encoder.", StringComparison.Ordinal)))
            if (parameter.Layer is { } layer)
                frozen = Math.Min(frozen, FirstUse(layer));
            else
                return -1;
        foreach (Placement placed in _placed)
            if (placed.Site == Model.Encoder.Embeddings.Site)
                return -1;
            else if (placed.Module.LowestLayer is { } lowest)
                frozen = Math.Min(frozen, lowest);
            else if (placed.Site?.Layer is { } layer)
                frozen = Math.Min(frozen, FirstUse(layer));
        return frozen;

        int FirstUse(int physical) => Enumerable.Range(0, config.LayerCount).First(layer => config.PhysicalLayer(layer) == physical);
    }

    /// <summary>Exchanges the trained base parameters with the values kept from the other state.</summary>
    private void SwapBase()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (AdapterParameter parameter in TrainedBase)
        {
            Tensor current = parameter.Parameter.detach().clone();
            parameter.Parameter.copy_(_other[parameter.Name]);
            _other[parameter.Name].copy_(current);
        }
        Model.WeightsChanged();
    }

    /// <summary>The number in <c>encoder.layers.N.</c>; null outside the layers.</summary>
    public static int? LayerOf(string name)
    {
        const string prefix = "encoder.layers.";
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        int end = name.IndexOf('.', prefix.Length);
        return int.Parse(name.AsSpan(prefix.Length, end - prefix.Length), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Takes the adapter off: the model computes again what it computed before, unless the method replaced its weights.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (Merged)
            Unmerge();
        if (!Method.ReplacesBase)
            Active = false;
        foreach (Placement placed in _placed)
        {
            placed.Site?.Remove(placed.AtSite);
            placed.Dispose();
        }
        foreach (Tensor tensor in _other.Values)
            tensor.Dispose();
    }
}
