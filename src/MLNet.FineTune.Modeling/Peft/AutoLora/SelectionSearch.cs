using MLNet.FineTune.Models;
using MLNet.FineTune.Training;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>
/// Learns the selection variables of <see cref="AutoLora"/> by alternate steps: the weights on training rows, the selection on rows held out,
/// through one unrolled step of the weights. The second-order term is a finite difference (Liu et al. 2018, arXiv 1806.09055, equation 8).
/// </summary>
internal sealed class SelectionSearch : IDisposable
{
    /// <summary>The step of the finite difference, relative to the gradient's norm.</summary>
    private const double DifferenceStep = 0.01;

    private readonly PeftPreparation _preparation;
    private readonly double _rate;
    private readonly double _selectionRate;
    private readonly ParameterGroup[] _weights;
    private readonly ParameterGroup[] _selection;
    private readonly AdamW _weightOptimizer;
    private readonly AdamW _selectionOptimizer;

    /// <param name="preparation">Data and loss.</param>
    /// <param name="adapter">The update with selection variables, attached.</param>
    /// <param name="rate">Learning rate of the weights.</param>
    /// <param name="selectionRate">Learning rate of the selection variables.</param>
    public SelectionSearch(PeftPreparation preparation, PeftAdapter adapter, double rate, double selectionRate)
    {
        (_preparation, _rate, _selectionRate) = (preparation, rate, selectionRate);
        TrainingOptions options = preparation.Options;
        ILookup<bool, NamedParameter> parameters = adapter.Trainable.ToLookup(p => IsSelection(p.Name), p => new NamedParameter(p.Name, p.Parameter));
        _weights = [new ParameterGroup([.. parameters[false]], options.WeightDecay, 1)];
        _selection = [new ParameterGroup([.. parameters[true]], 0, 1)];
        _weightOptimizer = new AdamW(_weights, options.Beta1, options.Beta2, options.Epsilon);
        _selectionOptimizer = new AdamW(_selection, options.Beta1, options.Beta2, options.Epsilon);
    }

    /// <summary>One step of the selection, then one of the weights.</summary>
    /// <param name="train">Rows of the training split.</param>
    /// <param name="validation">Rows of the validation split.</param>
    public void Step(int[] train, int[] validation)
    {
        using var scope = NewDisposeScope();
        Tensor[] gradients = HyperGradient(train, validation);
        SetGradients(_selection, gradients);
        Move(_selectionOptimizer, _selection, _selectionRate);
        Backward(_preparation.Train, train);
        Move(_weightOptimizer, _weights, _rate);
    }

    /// <summary>The gradient of the validation loss after one step of the weights, by the selection variables.</summary>
    internal Tensor[] HyperGradient(int[] train, int[] validation)
    {
        Tensor[] kept = Values(_weights);
        Backward(_preparation.Train, train);
        Tensor[] step = Gradients(_weights);
        Shift(kept, step, -_rate);
        Backward(_preparation.Validation, validation);
        Tensor[] direct = Gradients(_selection), outer = Gradients(_weights);
        double norm = Math.Sqrt(outer.Sum(gradient => Math.Pow(gradient.norm().item<float>(), 2)));
        if (!(norm > 0))
        {
            Shift(kept, step, 0);
            return direct;
        }
        double epsilon = DifferenceStep / norm;
        Tensor[] above = SelectionGradients(train, kept, outer, epsilon);
        Tensor[] below = SelectionGradients(train, kept, outer, -epsilon);
        Shift(kept, outer, 0);
        return [.. direct.Select((gradient, i) => gradient - (above[i] - below[i]).Mul(_rate / (2 * epsilon)))];
    }

    public static bool IsSelection(string name) => name.EndsWith(".selection", StringComparison.Ordinal);

    public void Dispose()
    {
        _weightOptimizer.Dispose();
        _selectionOptimizer.Dispose();
    }

    private Tensor[] SelectionGradients(int[] train, Tensor[] kept, Tensor[] direction, double by)
    {
        Shift(kept, direction, by);
        Backward(_preparation.Train, train);
        return Gradients(_selection);
    }

    private void Backward(EncodedTexts data, int[] rows)
    {
        _preparation.CheckAlive();
        Training.Gradients.Clear(_weights);
        Training.Gradients.Clear(_selection);
        using var scope = NewDisposeScope();
        _preparation.Loss(data, rows).backward();
    }

    private void Move(AdamW optimizer, ParameterGroup[] groups, double rate)
    {
        Gradients gradients = Training.Gradients.Collect(groups);
        using Tensor none = zeros(1);
        (_, double norm) = gradients.Measure(none);
        if (!double.IsFinite(norm))
            throw new TrainingDivergedException(0, rate, double.NaN, norm);
        gradients.Clip(norm, _preparation.Options.MaxGradientNorm);
        optimizer.Step(gradients, rate);
        Training.Gradients.Clear(groups);
    }

    private static void SetGradients(ParameterGroup[] groups, Tensor[] gradients)
    {
        foreach ((NamedParameter member, Tensor gradient) in Members(groups).Zip(gradients))
            member.Parameter.grad = gradient;
    }

    /// <summary>Puts the parameters at what was kept and a multiple of a direction.</summary>
    private void Shift(Tensor[] kept, Tensor[] direction, double by)
    {
        using var _ = no_grad();
        foreach ((NamedParameter member, int i) in Members(_weights).Select((member, i) => (member, i)))
        {
            member.Parameter.copy_(kept[i]);
            member.Parameter.Add_(direction[i], alpha: by);
        }
    }

    private static Tensor[] Values(ParameterGroup[] groups) => [.. Members(groups).Select(member => member.Parameter.detach().clone())];

    private static Tensor[] Gradients(ParameterGroup[] groups) => [.. Members(groups).Select(member => member.Parameter.grad is { } gradient ? gradient.detach().clone() : zeros_like(member.Parameter))];

    private static IEnumerable<NamedParameter> Members(ParameterGroup[] groups) => groups.SelectMany(group => group.Parameters);
}
