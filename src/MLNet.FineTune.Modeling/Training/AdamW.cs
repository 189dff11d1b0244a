using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Training;

/// <summary>Adam with decoupled weight decay (arXiv 1711.05101), computed by libtorch's fused kernel in one pass over the data.</summary>
internal sealed class AdamW(IReadOnlyList<ParameterGroup> groups, double beta1, double beta2, double epsilon) : IDisposable
{
    private readonly Moments?[][] _moments = [.. groups.Select(group => new Moments?[group.Parameters.Count])];

    /// <summary>Moves every parameter that has a gradient; one without keeps its value, moments and step count.</summary>
    /// <param name="gradients">The gradients, collected from the same groups.</param>
    /// <param name="learningRate">The rate that each group scales.</param>
    public void Step(Gradients gradients, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        for (int g = 0; g < groups.Count; g++)
        {
            // The kernel takes one step count a tensor. Counts differ only where a parameter sat out earlier steps.
            foreach (IGrouping<(long, ScalarType), int> batch in Advance(g, gradients).GroupBy(i => (_moments[g][i]!.Step, groups[g].Parameters[i].Parameter.dtype)))
                Update(groups[g], _moments[g], g, [.. batch], gradients, learningRate);
        }
    }

    /// <summary>Writes moments and step counts under the parameters' names.</summary>
    public void SaveState(StateBag state)
    {
        foreach ((string name, Moments? moments, _) in All())
            if (moments is not null)
            {
                state.Tensors.Add($"{name}.exp_avg", moments.Average);
                state.Tensors.Add($"{name}.exp_avg_sq", moments.Square);
                state.Values.Add($"{name}.step", moments.Step.ToString(CultureInfo.InvariantCulture));
            }
    }

    /// <summary>Replaces all moments by the saved ones.</summary>
    public void LoadState(StateBag state)
    {
        foreach ((string name, Moments? moments, (int g, int i)) in All().ToList())
        {
            moments?.Dispose();
            _moments[g][i] = null;
            if (!state.Values.TryGetValue($"{name}.step", out string? step))
                continue;
            Moments loaded = _moments[g][i] = new Moments(groups[g].Parameters[i].Parameter);
            loaded.Step = long.Parse(step, CultureInfo.InvariantCulture);
            loaded.Average.copy_(state.Tensor($"{name}.exp_avg"));
            loaded.Square.copy_(state.Tensor($"{name}.exp_avg_sq"));
        }
    }

    /// <summary>Drops the moments and step counts of the parameters of these names.</summary>
    public void Forget(IReadOnlySet<string> names)
    {
        foreach ((string name, Moments? moments, (int g, int i)) in All().ToList())
            if (names.Contains(name))
            {
                moments?.Dispose();
                _moments[g][i] = null;
            }
    }

    public void Dispose()
    {
        foreach (Moments? moments in _moments.SelectMany(group => group))
            moments?.Dispose();
    }

    private List<int> Advance(int group, Gradients gradients)
    {
        var moved = new List<int>(_moments[group].Length);
        for (int i = 0; i < _moments[group].Length; i++)
            if (gradients[group, i] is not null)
            {
                (_moments[group][i] ??= new Moments(groups[group].Parameters[i].Parameter)).Step++;
                moved.Add(i);
            }
        return moved;
    }

    private void Update(ParameterGroup group, Moments?[] moments, int g, int[] members, Gradients gradients, double learningRate)
    {
        Tensor step = tensor((float)moments[members[0]]!.Step, device: group.Parameters[members[0]].Parameter.device);
        TorchOperators.Call("aten::_fused_adamw_", "",
        [
            TorchOperators.List([.. members.Select(i => group.Parameters[i].Parameter)]),
            TorchOperators.List([.. members.Select(i => gradients[g, i]!)]),
            TorchOperators.List([.. members.Select(i => moments[i]!.Average)]),
            TorchOperators.List([.. members.Select(i => moments[i]!.Square)]),
            TorchOperators.List([]), // max_exp_avg_sqs: AMSGrad only
            TorchOperators.List([.. members.Select(_ => step)]),
            TorchOperators.Double(learningRate * group.LearningRateScale),
            TorchOperators.Double(beta1),
            TorchOperators.Double(beta2),
            TorchOperators.Double(group.WeightDecay),
            TorchOperators.Double(epsilon),
            TorchOperators.Boolean(false), // amsgrad
            TorchOperators.Boolean(false), // maximize
            TorchOperators.None, // grad_scale
            TorchOperators.None, // found_inf
        ]);
    }

    private IEnumerable<(string Name, Moments? Moments, (int Group, int Index) Place)> All()
    {
        for (int g = 0; g < groups.Count; g++)
            for (int i = 0; i < groups[g].Parameters.Count; i++)
                yield return (groups[g].Parameters[i].Name, _moments[g][i], (g, i));
    }

    /// <summary>Running averages of a parameter's gradient and of its square.</summary>
    private sealed class Moments(Tensor parameter) : IDisposable
    {
        public long Step { get; set; }

        public Tensor Average { get; } = Zeros(parameter);

        public Tensor Square { get; } = Zeros(parameter);

        public void Dispose()
        {
            Average.Dispose();
            Square.Dispose();
        }

        private static Tensor Zeros(Tensor parameter) =>
            zeros_like(parameter, requires_grad: false).DetachFromDisposeScope();
    }
}
